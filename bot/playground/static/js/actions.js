// What a person can do, as functions the views call.
import { ApiError } from "./api.js";
import { MESSAGE_COMMAND, USER_COMMAND, contextCommands } from "./commands.js";
import { ask, confirm } from "./dialogs.js";
import { editInPlace } from "./editor.js";
import { el } from "./dom.js";
import { silentNote } from "./interactions.js";
import { plain } from "./markup.js";
import { emojiPath } from "./reactions.js";
import { openSettings } from "./settings.js";
import { nameOf } from "./store.js";

const VOICE = 2;

export class Actions {
  constructor(app) {
    this.app = app;
    /** All verbs, bound, under the names the views use. */
    this.verbs = {
      ...this.#writing(),
      ...this.#using(),
      ...this.#places(),
      ...this.#person(),
      ...this.#trouble(),
    };
  }

  /** Does an action; a refusal becomes a notice and null. */
  async #act(action, payload, files) {
    return this.#guard(() => this.app.api.act(action, payload, files));
  }

  async #guard(work) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.app.toasts.show(error.message);
      return null;
    }
  }

  #writing() {
    const { app } = this;
    const place = (message) => ({ channel: message.channel_id, message: message.id });
    return {
      send: async (channel, content, files, replyTo) => {
        const answer = await this.#act(
          "send",
          { channel: channel.id, content, reply_to: replyTo },
          files,
        );
        if (answer?.message) app.store.putMessage(answer.message);
        return answer !== null;
      },
      typing: (channel) => this.#act("typing", { channel: channel.id }),
      toast: (text) => app.toasts.show(text),
      edit: (message) => {
        const view = app.list.view(message.id);
        if (view)
          editInPlace(
            view,
            app.store,
            (content) => this.#save(message, content),
            () => app.composer.focus(),
          );
      },
      editLast: () => this.#editLast(),
      remove: async (message) => {
        const quote = el(
          "blockquote",
          { class: "quoted" },
          el("b", {}, nameOf(message.author)),
          " ",
          plain(message.content, app.store),
        );
        const isSure = await confirm({
          title: "Delete Message",
          text: "Are you sure you want to delete this message?",
          action: "Delete",
          isDanger: true,
          extra: quote,
        });
        if (isSure) await this.#act("delete", place(message));
      },
      reply: (message) => app.composer.replyTo(message),
      react: (message, emoji) => this.#act("react", { ...place(message), emoji: emojiPath(emoji) }),
      onReact: (message, emoji) =>
        this.#act("react", { ...place(message), emoji: emojiPath(emoji) }),
      onDismiss: (message) => {
        app.store.dismiss(message);
        if (!message.isLocal) this.#act("delete", place(message));
      },
      onJump: (message) =>
        app.list.jump(message.id) || app.toasts.show("That message is too far back."),
      copy: (text) =>
        navigator.clipboard
          .writeText(text)
          .catch(() => app.toasts.show("The browser did not allow copying.")),
      older: (channel, before) => this.#guard(() => app.api.older(channel, before)),
    };
  }

  async #save(message, content) {
    if (!content) {
      await this.verbs.remove(message);
      return true;
    }
    return (
      (await this.#act("edit", { channel: message.channel_id, message: message.id, content })) !==
      null
    );
  }

  #editLast() {
    const { store } = this.app;
    const last = store
      .timeline(store.current)
      .messages.findLast(
        (one) => one.author.id === store.user.id && !one.isLocal && [0, 19].includes(one.type),
      );
    if (!last) return false;
    this.verbs.edit(last);
    return true;
  }

  #using() {
    const { app } = this;
    return {
      run: (command, options, files) => this.#command(command, options, files),
      complete: async (command, options, focused) => {
        const known = Object.fromEntries(
          Object.entries(options).filter(([name]) => !isAttachment(command, name)),
        );
        try {
          const answer = await app.api.act("autocomplete", {
            channel: app.store.current,
            name: command.path,
            options: known,
            focused,
          });
          return answer.choices;
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          return null;
        }
      },
      messageCommands: () => contextCommands(app.store, MESSAGE_COMMAND),
      context: (message, command) =>
        this.#interact(
          "context",
          { channel: message.channel_id, message: message.id, name: command.path },
          command.path,
        ),
      onUse: (view, part, values, control) => this.#use(view, part, values, control),
    };
  }

  async #command(command, options, files) {
    const channel = this.app.store.current;
    await this.#interact(
      "command",
      { channel, name: command.path, options },
      command.shownPath,
      files,
    );
  }

  async #interact(action, payload, name, files) {
    const { store, interactions } = this.app;
    const outcome = await this.#guard(() => interactions.run(action, payload, files));
    if (outcome === "failed") store.putMessage(silentNote(store, payload.channel, name));
  }

  async #use(view, part, values, control) {
    const { message } = view;
    view.node.querySelector(".failure")?.remove();
    control.classList.add("is-busy");
    control.setAttribute("aria-busy", "true");
    const payload = {
      channel: message.channel_id,
      message: message.id,
      custom_id: part.custom_id,
      values,
    };
    const outcome = await this.#guard(() => this.app.interactions.run("click", payload));
    control.classList.remove("is-busy");
    control.removeAttribute("aria-busy");
    if (outcome === "failed") view.showFailure("This interaction failed");
  }

  #places() {
    const { app } = this;
    return {
      open: (channel) => {
        app.open(channel);
        app.layout.closeDrawer();
      },
      openGuild: (guild) => {
        const here = [...app.store.channels.values()].filter(
          (one) => one.guild_id === guild.id && one.type === 0,
        );
        app.open((here.find((one) => one.id === app.store.startChannel) ?? here[0])?.id);
      },
      openDirect: () => this.#openDirect(),
      openDrawer: () => app.layout.openDrawer(),
      toggleMembers: () => app.layout.toggleMembers(),
      addChannel: (guild) => this.#addChannel(guild),
      setRestricted: (channel, on) => this.#act("nsfw", { channel: channel.id, on }),
      allowBot: (channel, permission, on) =>
        this.#act("permission", { channel: channel.id, [on ? "allow" : "deny"]: [permission] }),
      setArchived: (channel, on) => this.#act("archive", { channel: channel.id, on }),
      removeChannel: async (channel) => {
        const text = `Are you sure you want to delete ${channel.name}? Its messages go with it.`;
        const isSure = await confirm({
          title: "Delete Channel",
          text,
          action: "Delete Channel",
          isDanger: true,
        });
        if (isSure) await this.#act("delete_channel", { channel: channel.id });
      },
      mention: (user) => app.composer.insert(`@${nameOf(user)} `),
      userCommands: () => contextCommands(app.store, USER_COMMAND),
      contextOnUser: (user, command) =>
        this.#interact(
          "context",
          { channel: app.store.current, target: user.id, name: command.path },
          command.path,
        ),
      thread: (message) => this.#addThread(message),
      post: (channel) => this.#addPost(channel),
    };
  }

  async #openDirect() {
    const { store } = this.app;
    const known = [...store.channels.values()].find((channel) => channel.type === 1);
    if (known) return this.app.open(known.id);
    const answer = await this.#act("dm", {});
    return this.#openNew(answer?.channel);
  }

  async #openNew(channel) {
    const id = channel?.id ?? channel;
    if (!id) return;
    if (!this.app.store.channel(id)) await this.app.refresh();
    this.app.open(id);
  }

  async #addChannel(guild) {
    const fields = [
      { name: "name", label: "Channel name" },
      {
        name: "type",
        label: "Channel type",
        kind: "choice",
        choices: { 0: "Text", 15: "Forum", 2: "Voice" },
      },
      { name: "nsfw", label: "Age-restricted", kind: "check" },
    ];
    const answer = await ask({ title: "Create Channel", action: "Create Channel", fields });
    if (!answer?.name) return;
    const { name, nsfw } = answer;
    const type = Number(answer.type);
    const written = type === VOICE ? name : name.toLowerCase().replace(/\s+/g, "-");
    const created = await this.#act("channel", { name: written, type, nsfw, guild: guild.id });
    await this.#openNew(created?.channel);
  }

  async #addThread(message) {
    const answer = await ask({
      title: "Create Thread",
      action: "Create Thread",
      fields: [{ name: "name", label: "Thread name" }],
    });
    if (!answer?.name) return;
    const created = await this.#act("thread", {
      channel: this.app.store.current,
      name: answer.name,
      message: message?.id,
    });
    await this.#openNew(created?.channel ?? created?.thread);
  }

  async #addPost(channel) {
    const fields = [
      { name: "name", label: "Title" },
      { name: "content", label: "Message", kind: "text" },
    ];
    const answer = await ask({ title: "New Post", action: "Post", fields });
    if (!answer?.name) return;
    const created = await this.#act("thread", { channel: channel.id, ...answer });
    await this.#openNew(created?.channel ?? created?.thread);
  }

  #person() {
    const { app } = this;
    return {
      become: (user) => app.start(user),
      add: async (name) => {
        const created = await this.#act("user", { name });
        if (created) await app.start(created.user?.id ?? created.user);
      },
      openSettings: () => openSettings(app.store, this.verbs),
      setLocale: async (locale) => {
        await this.#act("locale", { locale });
        await app.refresh();
      },
      theme: () => document.documentElement.dataset.theme ?? "dark",
      setTheme: (name) => app.layout.setTheme(name),
    };
  }

  #trouble() {
    const change = async (action, payload) => {
      await this.#act(action, payload);
      await this.app.refresh();
    };
    return {
      addFault: (rule) => change("fault", { add: rule }),
      clearFault: (id) => change("fault", { clear: id }),
      dropGateway: () => change("fault", { gateway: "abort" }),
      setIntent: (name, on) => change("intent", { name, on }),
    };
  }
}

function isAttachment(command, name) {
  return command.options.find((option) => option.name === name)?.type === 11;
}
