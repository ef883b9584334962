// Forwarded messages and polls, shown as they stand.
import { attachments } from "./attachments.js";
import { el } from "./dom.js";
import { embed } from "./embed.js";
import { icon } from "./icons.js";
import { body } from "./markup.js";
import { emojiNode } from "./reactions.js";

/** What a message forwards: the text and files of the original. */
export function forwarded(snapshots, store) {
  return (snapshots ?? []).map(({ message }) =>
    el(
      "blockquote",
      { class: "forwarded" },
      el("div", { class: "forwarded-mark" }, icon("reply"), el("em", {}, "Forwarded")),
      message.content && body(message.content, store),
      attachments(message.attachments),
      (message.embeds ?? []).map((one) => embed(one, store)),
    ),
  );
}

/** A poll's question and answers with the votes counted so far. */
export function poll(data, store) {
  if (!data) return null;
  const counts = new Map((data.results?.answer_counts ?? []).map((one) => [one.id, one.count]));
  const rows = data.answers.map(({ answer_id: id, poll_media: media }) => {
    const votes = counts.get(id) ?? 0;
    const picture = media.emoji && emojiNode(media.emoji, store);
    return el(
      "li",
      {},
      picture,
      el("span", {}, media.text),
      el("small", {}, votes === 1 ? "1 vote" : `${votes} votes`),
    );
  });
  return el(
    "section",
    { class: "poll", "aria-label": "Poll" },
    el("b", {}, data.question.text),
    el("ul", {}, rows),
  );
}
