"""Story strings: Handlebars templates, read and rendered without a compiler."""
