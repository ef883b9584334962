// A forum: its posts as cards, and the way to write a new one.
import { avatar } from "./avatar.js";
import { heading } from "./dates.js";
import { button, el, fill } from "./dom.js";
import { threadsOf } from "./events.js";
import { icon } from "./icons.js";
import { plain } from "./markup.js";
import { nameOf } from "./store.js";

export class Forum {
  /** `does.post(channel)` asks for a title and text and creates the post. */
  constructor({ store, does }) {
    Object.assign(this, { store, does });
    this.node = el("section", { class: "forum", "aria-label": "Posts" });
    for (const event of ["channels", "loaded", "message"])
      store.on(event, () => this.#isShown() && this.draw());
  }

  #isShown() {
    return this.store.channel(this.store.current)?.type === 15;
  }

  draw() {
    const channel = this.store.channel(this.store.current);
    const posts = threadsOf(this.store, channel.id);
    fill(
      this.node,
      el(
        "div",
        { class: "forum-head" },
        el("p", {}, channel.topic ?? "Every post is a conversation of its own."),
        button(
          { class: "push-button is-primary", on: { click: () => this.does.post(channel) } },
          icon("plus"),
          el("span", {}, "New Post"),
        ),
      ),
      posts.length === 0 && el("p", { class: "forum-empty" }, "No posts yet. Start the first one."),
      posts.map((post) => this.#card(post)),
    );
  }

  #card(post) {
    const first = this.store.timeline(post.id).messages[0];
    const owner = this.store.users.get(post.owner_id) ?? first?.author;
    const text = first?.content ? plain(first.content, this.store).slice(0, 200) : "";
    const count = Math.max(0, (post.message_count ?? 1) - 1);
    return button(
      {
        class: "post",
        "aria-label": `${post.name}, ${count} messages`,
        on: { click: () => this.store.open(post.id) },
      },
      el("div", { class: "post-title" }, post.name),
      el(
        "div",
        { class: "post-text" },
        owner && [avatar(owner, this.store, 32), el("b", {}, nameOf(owner))],
        " ",
        text,
      ),
      el(
        "div",
        { class: "post-foot" },
        icon("forum"),
        String(count),
        first && ` · ${heading(first.timestamp, this.store.locale)}`,
      ),
    );
  }
}
