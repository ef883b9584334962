// Line icons drawn for this page on a 24 by 24 grid.

const SHAPES = {
  hash: ["M9.5 4 7.5 20", "M16.5 4 14.5 20", "M4.5 9H20", "M4 15h15.5"],
  voice: ["M4 9.5v5h3.5L12 19V5L7.5 9.5Z", "M15.5 9a4.5 4.5 0 0 1 0 6", "M18 6a9 9 0 0 1 0 12"],
  forum: ["M4 5h16v11H10l-4 4v-4H4Z", "M8 9h8", "M8 12.5h5"],
  thread: ["M5 4v9a3 3 0 0 0 3 3h11", "M15.5 12.5 19 16l-3.5 3.5", "M9 5h10", "M9 9.5h10"],
  direct: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z", "M4.5 20.5c.7-4 3.6-6 7.5-6s6.8 2 7.5 6"],
  people: [
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z",
    "M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6",
    "M15.5 4.3a3.5 3.5 0 0 1 0 6.4",
    "M17.5 14.3c2.3.7 3.7 2.7 4 5.7",
  ],
  settings: [
    "M4 7h9",
    "M17 7h3",
    "M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
    "M4 17h3",
    "M11 17h9",
    "M9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  ],
  plus: ["M12 5v14", "M5 12h14"],
  close: ["m6 6 12 12", "M18 6 6 18"],
  check: ["m5 12.5 4.5 4.5L19 7.5"],
  chevron: ["m6 9.5 6 6 6-6"],
  menu: ["M4 7h16", "M4 12h16", "M4 17h16"],
  reply: ["m9.5 6-6 6 6 6", "M4 12h9c4 0 6.5 2 7 6"],
  edit: ["M4 20h4L19.5 8.5l-4-4L4 16Z", "m13 7 4 4"],
  trash: ["M4.5 6.5h15", "M9 6.5V4h6v2.5", "m6.5 6.5 1 13.5h9l1-13.5", "M10 10.5v6", "M14 10.5v6"],
  more: [
    "M5 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2Z",
    "M12 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2Z",
    "M19 13a1 1 0 1 0 0-2 1 1 0 0 0 0 2Z",
  ],
  smile: [
    "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17Z",
    "M8.5 14c1.7 2.5 5.3 2.5 7 0",
    "M9 9.5h.01",
    "M15 9.5h.01",
  ],
  file: ["M6 3.5h8l4.5 4.5v12.5H6Z", "M14 3.5V8h4.5", "M9 13h6.5", "M9 16.5h4.5"],
  download: ["M12 4v11", "m7.5 11 4.5 4.5 4.5-4.5", "M5 20h14"],
  warning: ["M12 4 2.5 20h19Z", "M12 10v4.5", "M12 17.3h.01"],
  eye: [
    "M2.5 12c2-4 5.5-6.5 9.5-6.5s7.5 2.5 9.5 6.5c-2 4-5.5 6.5-9.5 6.5S4.5 16 2.5 12Z",
    "M12 14.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6Z",
  ],
  slash: ["M5 4h14v16H5Z", "m14 8-4 8"],
  send: ["M4 12 20.5 4.5 15.5 20l-3.5-6.5Z", "m12 13.5 8.5-9"],
  link: ["M14 4.5h5.5V10", "M19.5 4.5 11 13", "M17.5 14v5.5h-13v-13H10"],
  bug: [
    "M8 9.5c0-2.5 1.7-4 4-4s4 1.5 4 4V15c0 2.5-1.7 4.5-4 4.5S8 17.5 8 15Z",
    "M12 9v10",
    "M4 7.5l4 2.5",
    "m20 7.5-4 2.5",
    "M3.5 13.5H8",
    "M20.5 13.5H16",
    "m5 19 3.5-2.5",
    "m19 19-3.5-2.5",
  ],
};

const SVG = "http://www.w3.org/2000/svg";

/** An icon is decoration; the control around it carries the name. */
export function icon(name, className = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon ${className}`.trim());
  svg.setAttribute("aria-hidden", "true");
  for (const shape of SHAPES[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", shape);
    svg.append(path);
  }
  return svg;
}
