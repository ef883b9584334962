// Reads lines of [source, flags, replacement, trims, text]; answers the text with all matches
// replaced by JavaScript's own rules, or null for a pattern that it refuses.
const lines = require("node:readline").createInterface({ input: process.stdin });

function replaced([source, flags, replacement, trims, text]) {
  let pattern;
  try {
    pattern = new RegExp(source, flags);
  } catch (error) {
    return null;
  }
  return text.replace(pattern, (...found) => {
    const named = typeof found.at(-1) === "object" ? found.at(-1) : {};
    return replacement.replace(/\{\{match\}\}|\$(\d+)|\$<([^>]+)>/gi, (all, digits, name) => {
      // Behind the groups stand the place of the match and the whole text.
      const value = digits ? found[Number(digits)] : name ? named[name] : found[0];
      if (!value || typeof value === "object") return "";
      if (typeof value === "number") return trims.length ? "" : String(value);
      return trims.reduce((rest, trim) => rest.split(trim).join(""), value);
    });
  });
}

lines.on("line", (line) => console.log(JSON.stringify(replaced(JSON.parse(line)))));
