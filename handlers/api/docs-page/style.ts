/** The style of the page, for light and dark, wide and narrow screens. */
export const style = `
:root {
  color-scheme: light dark;
  --text: #1c2430; --soft: #586274; --line: #d9dee7; --back: #ffffff; --box: #f4f6f9;
  --link: #0b5bd3; --read: #0a6b3d; --write: #8a4b00; --remove: #a61b1b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e4e8ee; --soft: #a0a9b8; --line: #343c49; --back: #14181f; --box: #1e242d;
    --link: #7db2ff; --read: #5fd39a; --write: #f0b35e; --remove: #ff8f8f;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
body {
  margin: 0 auto; padding: 1rem; max-width: 78rem;
  font: 1rem/1.55 system-ui, sans-serif; color: var(--text); background: var(--back);
}
header { border-bottom: 1px solid var(--line); margin-bottom: 1rem; max-width: 60rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0.5rem 0; }
h2 { font-size: 1.25rem; margin: 2rem 0 0.5rem; }
h3 { font-size: 1.1rem; margin: 0 0 0.25rem; }
h3 a { color: inherit; text-decoration: none; }
h4 { font-size: 0.95rem; margin: 1.2rem 0 0.3rem; color: var(--soft); }
p { margin: 0.4rem 0; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, pre { font: 0.875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
code { overflow-wrap: anywhere; }
pre {
  background: var(--box); border: 1px solid var(--line); border-radius: 6px;
  padding: 0.75rem; margin: 0.4rem 0; overflow-x: auto; font-size: 0.82rem;
}
nav ul, .problems { list-style: none; margin: 0; padding: 0; }
nav h2 { font-size: 0.95rem; margin: 1rem 0 0.3rem; color: var(--soft); }
nav a { display: block; padding: 0.2rem 0; color: inherit; text-decoration: none; font-size: 0.9rem; }
nav a:hover, h3 a:hover { text-decoration: underline; }
section {
  border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: 1rem 0;
}
section:target { border-color: var(--link); }
.route { font-size: 1rem; }
.scope { color: var(--soft); font-size: 0.9rem; }
b.get { color: var(--read); } b.post, b.put, b.patch { color: var(--write); }
b.delete { color: var(--remove); }
b[class] { font-size: 0.8rem; letter-spacing: 0.03em; }
dl { margin: 0.3rem 0; border-top: 1px solid var(--line); }
dt { padding-top: 0.4rem; }
dt span { color: var(--soft); font-size: 0.85rem; }
dd { margin: 0; padding: 0 0 0.4rem; border-bottom: 1px solid var(--line); font-size: 0.92rem; }
details { margin: 0.3rem 0; }
summary { cursor: pointer; }
@media (min-width: 62rem) {
  body { display: grid; grid-template-columns: 21rem minmax(0, 1fr); column-gap: 2.5rem; }
  header { grid-column: 1 / -1; }
  nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding-bottom: 2rem; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
`;
