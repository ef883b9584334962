// Renders templates with Handlebars.js as SillyTavern sets it up: one JSON list of
// {template, values} on standard input, one list of {text} or {error} on standard output.
const Handlebars = require(process.argv[2] || 'handlebars');

Handlebars.registerHelper('trim', () => '{{trim}}');
Handlebars.registerHelper('helperMissing', (...all) => `{{${all.at(-1).name}}}`);

const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const results = cases.map(({ template, values }) => {
    try {
        return { text: Handlebars.compile(template, { noEscape: true })(values) };
    } catch (error) {
        return { error: String(error.message).split('\n')[0] };
    }
});
process.stdout.write(JSON.stringify(results));
