/** A bar: what it is of, its value and how the value is written. */
export type Bar = { readonly name: string; readonly value: number; readonly label: string };
export type Panel = { readonly title: string; readonly bars: readonly Bar[] };

const width = 720;
const left = 190;
const right = 150;
const rowPx = 22;
const headPx = 30;

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
const text = (x: number, y: number, content: string, more = ""): string =>
  `<text x="${x}" y="${y}"${more}>${escaped(content)}</text>`;

/** Plots panels of horizontal bars, each to its own scale, as an SVG without script. */
export const plotOf = (title: string, panels: readonly Panel[]): string => {
  const parts: string[] = [];
  let y = 0;
  for (const { title: head, bars } of panels) {
    parts.push(text(0, y + 20, head, ' font-weight="bold"'));
    y += headPx;
    const most = Math.max(...bars.map(({ value }) => value));
    for (const { name, value, label } of bars) {
      const length = Math.max(1, Math.round(((width - left - right) * value) / most));
      parts.push(
        text(left - 8, y + 14, name, ' text-anchor="end"'),
        `<rect x="${left}" y="${y + 3}" width="${length}" height="${rowPx - 8}" fill="#3b7dd8"/>`,
        text(left + length + 6, y + 14, label),
      );
      y += rowPx;
    }
    y += 10;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" font-family="sans-serif" font-size="13" fill="#777">`,
    `<title>${escaped(title)}</title>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
};
