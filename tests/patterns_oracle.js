// Reads lines of [pattern, flags, subject]; answers true, false, or null for a syntax error.
const lines = require("node:readline").createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const [source, flags, subject] = JSON.parse(line);
  let answer = null;
  try {
    answer = new RegExp(source, flags).test(subject);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  console.log(JSON.stringify(answer));
});
