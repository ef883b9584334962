// Reads Discord's markdown into a tree of plain objects; markup.js draws the tree.
// The tree has blocks {type, children|text|items} and inline nodes; text nodes are strings.

const MAX_DEPTH = 24;

const FENCE = /```(?:([\w+\-.#]+)\n)?\n*([^\n][^]*?)\n*```/y;
const HEADER = /(#{1,3}) +([^\n]+)(?:\n|$)/y;
const SUBTEXT = /-# +([^\n]+)(?:\n|$)/y;
const LONG_QUOTE = /( *)>>> +([^]*)$/y;
const QUOTE = /(?: *> [^\n]*(?:\n|$)| *>(?:\n|$))+/y;
const LIST = /(?: *(?:[-*]|\d{1,9}\.) +[^\n]+(?:\n|$)(?: {2,}(?![-*] |\d+\. )[^\n]+(?:\n|$))*)+/y;

/** Blocks of a whole message. */
export function parse(text) {
  return parseBlocks(text.replaceAll("\r\n", "\n"), 0);
}

/** Inline nodes only: labels, field names, topics. */
export function parseLine(text) {
  return parseInline(text, 0, {});
}

function at(pattern, text, position) {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

function parseBlocks(text, depth, isQuoted = false) {
  const blocks = [];
  let position = 0;
  let start = 0;
  const flush = (end) => {
    const plain = text.slice(start, end);
    if (plain) blocks.push({ type: "paragraph", children: parseInline(plain, depth, {}) });
  };
  while (position < text.length && depth < MAX_DEPTH) {
    const found = blockAt(text, position, depth, isQuoted);
    if (found) {
      flush(found.isFence ? position : trimNewline(text, start, position));
      blocks.push(found.block);
      position = found.end;
      start = position;
    } else {
      position = nextCandidate(text, position);
    }
  }
  flush(text.length);
  return blocks;
}

// The line break before a block belongs to the block, which starts its own line anyway.
function trimNewline(text, start, end) {
  return end > start && text[end - 1] === "\n" ? end - 1 : end;
}

function nextCandidate(text, position) {
  const line = text.indexOf("\n", position);
  const fence = text.indexOf("```", position + 1);
  const ends = [line < 0 ? text.length : line + 1, fence < 0 ? text.length : fence];
  return Math.max(position + 1, Math.min(...ends));
}

function blockAt(text, position, depth, isQuoted) {
  if (text.startsWith("```", position)) return fenceAt(text, position);
  if (position > 0 && text[position - 1] !== "\n") return null;
  return (
    headerAt(text, position, depth) ??
    (isQuoted ? null : quoteAt(text, position, depth)) ??
    listAt(text, position, depth)
  );
}

function fenceAt(text, position) {
  if (text[position - 1] === "\\") return null;
  const match = at(FENCE, text, position);
  if (!match) return null;
  const end = match.index + match[0].length;
  const block = { type: "fence", language: match[1] ?? "", text: match[2] };
  return { block, end: text[end] === "\n" ? end + 1 : end, isFence: true };
}

function headerAt(text, position, depth) {
  const header = at(HEADER, text, position);
  if (header) {
    const children = parseInline(header[2].trim(), depth + 1, {});
    return {
      block: { type: "header", level: header[1].length, children },
      end: position + header[0].length,
    };
  }
  const small = at(SUBTEXT, text, position);
  if (!small) return null;
  return {
    block: { type: "subtext", children: parseInline(small[1], depth + 1, {}) },
    end: position + small[0].length,
  };
}

function quoteAt(text, position, depth) {
  const long = at(LONG_QUOTE, text, position);
  if (long) {
    return {
      block: { type: "quote", children: parseBlocks(long[2], depth + 1, true) },
      end: text.length,
    };
  }
  const quote = at(QUOTE, text, position);
  if (!quote) return null;
  const inner = quote[0].replace(/\n$/, "").replace(/^ *> ?/gm, "");
  return {
    block: { type: "quote", children: parseBlocks(inner, depth + 1, true) },
    end: position + quote[0].length,
  };
}

function listAt(text, position, depth) {
  const match = at(LIST, text, position);
  if (!match) return null;
  const lines = match[0].split("\n");
  const kept = lines.slice(0, sameKind(lines));
  const end = kept.length < lines.length ? kept.join("\n").length + 1 : match[0].length;
  return {
    block: parseList(
      kept.filter((line) => line !== ""),
      depth + 1,
    ),
    end: position + end,
  };
}

const ITEM = /^( *)([-*]|\d{1,9}\.) +(.*)$/;

// How many lines belong to one list: bullets and numbers at its margin do not mix.
function sameKind(lines) {
  const [, margin, first] = ITEM.exec(lines[0]);
  const isNumber = (mark) => /\d/.test(mark);
  const other = lines.findIndex((line) => {
    const match = ITEM.exec(line);
    return match && match[1].length <= margin.length && isNumber(match[2]) !== isNumber(first);
  });
  return other < 0 ? lines.length : other;
}

function parseList(lines, depth) {
  const root = { type: "list", start: null, items: [] };
  const open = [{ indent: -1, list: root }];
  for (const line of lines) {
    const match = ITEM.exec(line);
    const item = open.at(-1).list.items.at(-1);
    if (!match) {
      item.children.push({ type: "break" }, ...parseInline(line.trim(), depth, {}));
      continue;
    }
    const indent = match[1].length;
    while (open.length > 1 && indent <= open.at(-2).indent) open.pop();
    if (item && indent > open.at(-1).indent && open.length < 11 && open.at(-1).indent >= 0) {
      const nested = { type: "list", start: null, items: [] };
      item.children.push(nested);
      open.push({ indent, list: nested });
    } else {
      open.at(-1).indent = indent;
    }
    const list = open.at(-1).list;
    if (list.items.length === 0 && /\d/.test(match[2])) list.start = Number.parseInt(match[2], 10);
    list.items.push({ children: parseInline(match[3], depth, {}) });
  }
  return root;
}

// ---- inline ------------------------------------------------------------------------------------

const INLINE = [
  ["escape", /\\([^0-9A-Za-z\s])/y, (m) => [m[1]]],
  [
    "code",
    /(`+)([^]*?[^`])\1(?!`)/y,
    (m) => [{ type: "code", text: m[2].replace(/^ (?=`)|(?<=`) $/g, "") }],
  ],
  ["user", /<@!?(\d{1,20})>/y, (m) => [{ type: "user", id: m[1] }]],
  ["role", /<@&(\d{1,20})>/y, (m) => [{ type: "role", id: m[1] }]],
  ["channel", /<#(\d{1,20})>/y, (m) => [{ type: "channel", id: m[1] }]],
  ["command", /<\/([^:>\n]{1,98}):(\d{1,20})>/y, (m) => [{ type: "command", name: m[1] }]],
  [
    "emoji",
    /<(a?):(\w{2,32}):(\d{1,20})>/y,
    (m) => [{ type: "emoji", animated: m[1] === "a", name: m[2], id: m[3] }],
  ],
  [
    "time",
    /<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/y,
    (m) => [{ type: "time", seconds: Number(m[1]), style: m[2] ?? "f" }],
  ],
  [
    "masked",
    /\[((?:\[[^\]\n]*\]|\\.|[^[\]\\])+)\]\(<?(https?:\/\/[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?: "([^"\n]*)")?\)/y,
    masked,
  ],
  ["angle", /<(https?:\/\/[^\s<>]+)>/y, (m) => [link(m[1])]],
  [
    "url",
    /https?:\/\/(?:\([^\s<>()]*\)|[^\s<>()])*(?:\([^\s<>()]*\)|[^\s<>"'.,:;!?()\]*_~|`])/y,
    url,
  ],
  ["everyone", /@(everyone|here)\b/y, (m) => [{ type: "everyone", text: m[0] }]],
];

const STYLES = [
  ["spoiler", /\|\|([^]+?)\|\|/y],
  ["strike", /~~([^]+?)~~(?!_)/y],
];

const EMPHASIS = [
  ["strong", /\*\*((?:\\[^]|[^\\])+?)\*\*(?!\*)/y, 0.1],
  ["underline", /__((?:\\[^]|[^\\])+?)__(?!_)/y, 0],
  ["em", /\b_((?:__|\\[^]|[^\\_])+?)_\b/y, 0.2],
  ["em", /\*(?=\S)((?:\*\*|\\[^]|\s+(?:\\[^]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/y, 0.2],
];

function link(address) {
  return { type: "link", href: address, children: [address] };
}

function masked(match, depth, context) {
  if (context.inLink) return null;
  return [
    {
      type: "link",
      href: match[2],
      title: match[3],
      children: parseInline(match[1], depth + 1, { inLink: true }),
    },
  ];
}

function url(match, depth, context) {
  return context.inLink ? [match[0]] : [link(match[0])];
}

const SPECIAL = /[\\`<[*_~|@h\n]/g;

function parseInline(text, depth, context) {
  const nodes = [];
  let position = 0;
  while (position < text.length) {
    const found = depth < MAX_DEPTH ? inlineAt(text, position, depth, context) : null;
    if (found) {
      nodes.push(...found.nodes);
      position = found.end;
      continue;
    }
    const end = Math.max(position + 1, nextSpecial(text, position + 1));
    pushText(nodes, text.slice(position, end));
    position = end;
  }
  return nodes;
}

function nextSpecial(text, position) {
  SPECIAL.lastIndex = position;
  return SPECIAL.exec(text)?.index ?? text.length;
}

function pushText(nodes, text) {
  if (typeof nodes.at(-1) === "string") nodes[nodes.length - 1] += text;
  else nodes.push(text);
}

function inlineAt(text, position, depth, context) {
  if (text[position] === "\n") return { nodes: [{ type: "break" }], end: position + 1 };
  for (const [, pattern, make] of INLINE) {
    const match = at(pattern, text, position);
    const nodes = match && make(match, depth, context);
    if (nodes) return { nodes, end: position + match[0].length };
  }
  return styleAt(text, position, depth, context);
}

function styleAt(text, position, depth, context) {
  for (const [type, pattern] of STYLES) {
    const match = at(pattern, text, position);
    if (match) return styled(type, match, position, depth, context);
  }
  let best = null;
  for (const [type, pattern, weight] of EMPHASIS) {
    const match = at(pattern, text, position);
    const score = match ? match[0].length + weight : 0;
    if (score > (best?.score ?? 0)) best = { type, match, score };
  }
  return best && styled(best.type, best.match, position, depth, context);
}

function styled(type, match, position, depth, context) {
  const children = parseInline(match[1], depth + 1, context);
  return { nodes: [{ type, children }], end: position + match[0].length };
}
