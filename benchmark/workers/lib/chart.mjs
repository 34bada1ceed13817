// Bar charts as SVG: text and bars, readable on light and on dark paper.

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .note, .group { fill: #59636e; }
  .group { font-weight: 600; }
  .ours { fill: #0969da; }
  .theirs { fill: #9198a1; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .note, .group { fill: #9198a1; }
    .ours { fill: #4493f8; }
    .theirs { fill: #656c76; }
  }`;

const LEFT = 190;
const WIDTH = 760;
const ROW = 24;
const BAR = 400;

const escaped = (text) =>
  String(text).replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);

/**
 * Horizontal bars in groups, each group on a scale of its own.
 *
 * @param groups [{ name, bars: [{ name, value, label, ours }] }]
 */
export function barChart(title, note, groups) {
  const parts = [];
  let y = 28;
  const text = (x, style, content) =>
    parts.push(`<text x="${x}" y="${y}" class="${style}">${escaped(content)}</text>`);
  text(12, 'title', title);
  for (const { name, bars } of groups) {
    y += ROW + 10;
    text(12, 'group', name);
    const longest = Math.max(...bars.map(({ value }) => value));
    for (const bar of bars) {
      y += ROW;
      const length = Math.max(2, (bar.value / longest) * BAR);
      text(28, '', bar.name);
      const style = bar.ours ? 'ours' : 'theirs';
      parts.push(
        `<rect x="${LEFT}" y="${y - 13}" width="${length.toFixed(1)}" height="16" rx="2" class="${style}"/>`,
      );
      text(Math.round(LEFT + length + 8), '', bar.label);
    }
  }
  y += ROW + 8;
  text(12, 'note', note);
  const height = y + 16;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>${STYLE}
</style>
${parts.join('\n')}
</svg>
`;
}
