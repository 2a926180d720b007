/** Of every page. Colours are named once, for light and for dark; text on them has a contrast of 4.5 or more. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f7f7f8; --card: #fff; --well: #f0f0f3; --line: #e1e1e6; --control: #8a8a94;
  --text: #1b1b1f; --muted: #5c5c66; --accent: #2457c5; --on-accent: #fff;
  --warn: #744700; --warn-well: #fcefd2; --bad: #a9211a; --bad-well: #fdeceb;
  --red: #d43f35; --green: #2c8c41; --blue: #3a6ede; --bar: #6f8fc9;
  --box: #ff3d7f;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101012; --card: #18181b; --well: #232327; --line: #2f2f35; --control: #76767f;
    --text: #ececef; --muted: #a6a6b0; --accent: #8db2ff; --on-accent: #101012;
    --warn: #f2c868; --warn-well: #372a0f; --bad: #ffa29a; --bad-well: #3a1c1a;
    --red: #f0685e; --green: #58b86c; --blue: #7ba2ff; --bar: #7d9ad1;
  }
}
* { box-sizing: border-box; }
/* what has the focus is never behind the filters */
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 7rem; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Inter", "Helvetica Neue", sans-serif;
}
h1, h2, h3, p, figure, dl, dd, ol { margin: 0; padding: 0; }
ol { list-style: none; }
h1 { font-size: 1.6rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.015em; text-wrap: balance; }
h2 { font-size: 1rem; font-weight: 650; letter-spacing: -0.005em; }
code, pre, .mono { font-family: var(--mono); font-size: 0.8125rem; }
[hidden] { display: none !important; }
.muted { color: var(--muted); }
.unseen {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.skip {
  position: absolute; left: 1rem; top: -4rem; z-index: 3; padding: 0.5rem 0.9rem; border-radius: 0.4rem;
  background: var(--accent); color: var(--on-accent);
}
.skip:focus { top: 0.75rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
main:focus { outline: none; }

/* statistics */
.statistics, .single main { display: grid; gap: 1.1rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.8125rem; }
th { font-weight: 500; text-align: left; }
thead th { color: var(--muted); font-weight: 400; white-space: nowrap; }
.moments th, .moments td { padding: 0.25rem 0.7rem 0.25rem 0; border-bottom: 1px solid var(--line); }
.moments thead tr:not(:last-child) > * { padding-bottom: 0; border-bottom: 0; }
.number, .moments thead th { text-align: right; font-variant-numeric: tabular-nums; }
.moments td:last-child, .moments th:last-child { padding-right: 0; }
.warning {
  padding: 0.6rem 0.8rem; border-radius: 0.4rem; background: var(--warn-well); color: var(--warn);
  font-size: 0.8125rem; overflow-wrap: anywhere;
}
pre {
  margin: 0.5rem 0 0; padding: 0.7rem 0.8rem; overflow-x: auto; border-radius: 0.4rem;
  background: var(--well); white-space: pre-wrap; overflow-wrap: anywhere;
}
summary { cursor: pointer; }
.code > summary { color: var(--muted); font-size: 0.8125rem; }
.chart figcaption { font-size: 0.8125rem; font-weight: 550; margin-bottom: 0.4rem; }
.plot { display: grid; grid-template-columns: auto 1fr; column-gap: 0.5rem; row-gap: 0.2rem; }
.plot svg { width: 100%; height: 7.5rem; display: block; overflow: visible; }
.single .plot svg { height: 13rem; }
.axis-x, .axis-y, .unit { color: var(--muted); font-size: 0.6875rem; line-height: 1; font-variant-numeric: tabular-nums; }
.axis-y { display: flex; flex-direction: column; justify-content: space-between; text-align: right; min-width: 2.6em; }
.axis-x { grid-column: 2; display: flex; justify-content: space-between; }
.unit { margin-top: 0.45rem; text-align: right; }
.plot path { fill: none; vector-effect: non-scaling-stroke; }
.grid { stroke: var(--line); stroke-width: 1px; }
.ground { stroke: var(--control); stroke-width: 1px; }
.line { stroke-width: 1.4px; stroke-linejoin: round; }
.line.red { stroke: var(--red); } .line.green { stroke: var(--green); } .line.blue { stroke: var(--blue); }
.limit { stroke: var(--red); stroke-width: 1.5px; }
.bar { fill: var(--bar); }
.counts { table-layout: fixed; }
.counts th { width: 36%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 400; }
.counts th, .counts td { padding: 0.12rem 0.6rem 0.12rem 0; }
.counts td:last-child { width: 2.75rem; padding-right: 0; }
.counts svg { width: 100%; height: 0.5rem; display: block; }
.errors { display: grid; gap: 0.6rem; font-size: 0.8125rem; }
.errors li { padding: 0.6rem 0.8rem; border-radius: 0.4rem; background: var(--bad-well); overflow-wrap: anywhere; }
.errors code, .bad { color: var(--bad); }

/* a page of statistics alone */
.single { max-width: 48rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; display: grid; gap: 1.5rem; }

/* a page of pairs */
.top, .layout { max-width: 112rem; margin: 0 auto; padding: 0 2rem; }
.top { padding-top: 2.25rem; display: grid; gap: 0.35rem; }
.lead { color: var(--muted); }
.facts { display: flex; flex-wrap: wrap; gap: 0.35rem 1.75rem; margin-top: 0.75rem; font-size: 0.8125rem; }
.facts div { display: flex; gap: 0.5rem; min-width: 0; }
.facts dt { color: var(--muted); white-space: nowrap; }
.facts dd { overflow-wrap: anywhere; }
.jump { display: none; gap: 1.25rem; margin-top: 0.6rem; }
a { color: var(--accent); text-underline-offset: 0.2em; }
.layout { display: grid; grid-template-columns: minmax(0, 1fr) 20rem; gap: 2.5rem; padding-top: 1.5rem; padding-bottom: 4rem; align-items: start; }
.aside { position: sticky; top: 0; max-height: 100dvh; overflow-y: auto; scrollbar-width: thin; display: grid; gap: 2rem; padding: 0.75rem 0.5rem 2rem 0; }
.aside section { display: grid; gap: 0.9rem; }
.aside section > p { font-size: 0.8125rem; color: var(--muted); }
.aside section > p.warning { color: var(--warn); }

.filters {
  position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: 0.6rem 0.75rem; align-items: end;
  padding: 0.75rem 0; background: var(--page); border-bottom: 1px solid var(--line);
}
.filters label, .filters .group { display: grid; gap: 0.2rem; font-size: 0.75rem; color: var(--muted); min-width: 0; }
.filters .range { display: flex; align-items: center; gap: 0.35rem; }
.filters .search { flex: 1 1 11rem; }
.filters .check { display: flex; align-items: center; gap: 0.45rem; height: 2.25rem; color: var(--text); font-size: 0.875rem; }
input, select, button { font: inherit; font-size: 0.875rem; color: var(--text); }
input:not([type=checkbox]), select, button {
  height: 2.25rem; padding: 0 0.7rem; border: 1px solid var(--control); border-radius: 0.4rem; background: var(--card);
}
input[type=checkbox] { width: 1.05rem; height: 1.05rem; margin: 0; accent-color: var(--accent); }
.search input, .filters select { width: 100%; }
.filters select { max-width: 10rem; }
.range input { width: 4.6rem; }
button { cursor: pointer; }
button:hover { border-color: var(--text); }
.status { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.4rem 1.5rem; padding: 0.9rem 0; color: var(--muted); font-size: 0.8125rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 0.6rem; align-items: center; }

.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr)); gap: 1.25rem; }
.card {
  height: 100%; display: flex; flex-direction: column; gap: 0.85rem; padding: 1rem;
  border: 1px solid var(--line); border-radius: 0.7rem; background: var(--card);
}
.card > header { display: flex; align-items: center; gap: 0.6rem; min-width: 0; min-height: 2rem; }
.card h3 { flex: 1; min-width: 0; display: flex; gap: 0.55rem; align-items: baseline; font-size: 0.875rem; font-weight: 600; }
.card h3 .key { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 400; color: var(--muted); font-size: 0.8125rem; }
.badge { flex: none; padding: 0.05rem 0.5rem; border-radius: 1rem; background: var(--warn-well); color: var(--warn); font-size: 0.75rem; white-space: nowrap; }
.badge.bad { background: var(--bad-well); color: var(--bad); }
.enlarge { flex: none; width: 2rem; height: 2rem; padding: 0; display: grid; place-items: center; border-color: transparent; background: none; color: var(--muted); }
.enlarge:hover { color: var(--text); border-color: var(--line); }
.enlarge svg { width: 1rem; height: 1rem; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
.pictures { display: grid; grid-template-columns: 1fr 1fr; gap: 0.6rem; }
.frame { display: grid; background: var(--well); border-radius: 0.45rem; overflow: hidden; aspect-ratio: 1; cursor: zoom-in; }
.frame > * { grid-area: 1 / 1; width: 100%; height: 100%; min-height: 0; object-fit: contain; }
.frame p { display: grid; place-items: center; padding: 1rem; text-align: center; font-size: 0.8125rem; color: var(--bad); cursor: auto; overflow-wrap: anywhere; overflow: auto; }
.pictures figcaption, .draws figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 0.6rem; margin-top: 0.35rem; font-size: 0.75rem; color: var(--muted); font-variant-numeric: tabular-nums; }
.boxes rect { fill: none; stroke: var(--box); stroke-width: 2px; vector-effect: non-scaling-stroke; }
.boxes .halo { stroke: #fff; stroke-width: 4px; opacity: 0.85; }
.boxes text { fill: #fff; font-weight: 600; paint-order: stroke; stroke: #000; stroke-linejoin: round; }
.no-boxes .boxes { display: none; }
.draws figcaption { margin: 0 0 0.35rem; overflow-wrap: anywhere; }
.draws div { display: grid; grid-template-columns: repeat(auto-fill, minmax(max(4.5rem, 22%), 1fr)); gap: 0.35rem; }
.draw { display: grid; gap: 0.15rem; align-content: start; font-size: 0.6875rem; line-height: 1.3; color: var(--muted); overflow-wrap: anywhere; }
.draws img { width: 100%; height: auto; aspect-ratio: 1; object-fit: contain; border-radius: 0.3rem; background: var(--well); display: block; }
.mixed { font-size: 0.8125rem; color: var(--muted); font-variant-numeric: tabular-nums; }
.caption { overflow-wrap: anywhere; white-space: pre-line; }
.cleaned { font-size: 0.8125rem; color: var(--muted); overflow-wrap: anywhere; margin-top: -0.5rem; }
.token-list { font-size: 0.8125rem; }
.token-list summary { color: var(--muted); font-size: 0.75rem; }
.tokens { display: flex; flex-wrap: wrap; gap: 0.25rem; margin-top: 0.45rem; }
.tokens > *, .legend .token {
  padding: 0.05rem 0.35rem; border-radius: 0.25rem; background: var(--well); color: var(--text);
  font-family: var(--mono); font-size: 0.75rem; line-height: 1.5; font-style: normal; text-decoration: none;
  max-width: 100%; overflow-wrap: anywhere; white-space: pre-wrap;
}
.tokens .special, .legend .special { background: none; box-shadow: inset 0 0 0 1px var(--line); color: var(--muted); }
.tokens .unknown, .legend .unknown { background: var(--warn-well); color: var(--warn); box-shadow: inset 0 -2px 0 var(--warn); }
.tokens .masked, .legend .masked { background: none; color: var(--muted); }
.tokens .cut, .legend .cut { background: none; color: var(--muted); text-decoration: line-through; text-decoration-color: var(--bad); text-decoration-thickness: 1.5px; }
.columns { display: grid; grid-template-columns: fit-content(40%) 1fr; gap: 0.15rem 0.9rem; margin-top: auto; padding-top: 0.7rem; border-top: 1px solid var(--line); font-size: 0.8125rem; }
.columns dt { color: var(--muted); overflow-wrap: anywhere; }
.columns dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.fault { padding: 0.7rem 0.8rem; border-radius: 0.4rem; background: var(--bad-well); font-size: 0.8125rem; overflow-wrap: anywhere; }
.fault code { display: block; color: var(--bad); }
.none { padding: 4rem 1rem; text-align: center; color: var(--muted); }
.keys { margin-top: 2rem; font-size: 0.75rem; color: var(--muted); }
kbd { padding: 0.05rem 0.35rem; border: 1px solid var(--line); border-radius: 0.25rem; background: var(--card); font-family: var(--mono); font-size: 0.6875rem; }

body:has(dialog[open]) { overflow: hidden; }
dialog {
  width: min(72rem, 100vw - 2rem); max-height: calc(100dvh - 2rem); padding: 0; border: 1px solid var(--line);
  border-radius: 0.8rem; background: var(--card); color: var(--text); overflow: hidden;
}
dialog[open] { display: flex; flex-direction: column; }
dialog::backdrop { background: #000a; }
.viewer-head { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; padding: 0.75rem 1.25rem; border-bottom: 1px solid var(--line); }
.viewer-head h2 { flex: 1 1 12rem; min-width: 0; overflow-wrap: anywhere; font-size: 0.9375rem; }
.viewer-body { overflow-y: auto; padding: 1.25rem; display: grid; gap: 1rem; }
.viewer-body .frame { aspect-ratio: auto; height: min(34rem, 60dvh); cursor: auto; }
.viewer-body .frame > * { min-width: 0; }
.viewer-body .draws div { grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); }
.viewer-body .caption { font-size: 1.0625rem; }

@media (max-width: 68rem) {
  .layout { grid-template-columns: minmax(0, 1fr); }
  .aside { position: static; max-height: none; padding: 0; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 2rem 2.5rem; }
  .jump { display: flex; }
}
@media (max-width: 40rem) {
  html { scroll-padding-top: 0; }
  .top, .layout { padding-left: 1rem; padding-right: 1rem; }
  .top { padding-top: 1.25rem; }
  h1 { font-size: 1.3rem; }
  .facts { display: grid; gap: 0.2rem; }
  .layout { padding-top: 1rem; gap: 2rem; }
  .filters { position: static; display: grid; grid-template-columns: 1fr 1fr; }
  .filters .search { grid-column: 1 / -1; }
  .filters select { max-width: none; }
  .range input { width: 100%; min-width: 0; }
  input, select, button { font-size: 1rem; }
  input:not([type=checkbox]), select, button, .check { height: 2.6rem; }
  .enlarge { width: 2.5rem; height: 2.5rem; margin: -0.25rem -0.5rem -0.25rem 0; }
  .cards { gap: 0.9rem; }
  .card { padding: 0.85rem; }
  .viewer-body .pictures { grid-template-columns: 1fr; }
  .viewer-body .frame { height: auto; aspect-ratio: 1; }
  .viewer-head button { flex: 1; }
  .viewer-head h2 { flex-basis: 100%; }
  dialog { width: 100vw; max-width: 100vw; max-height: 100dvh; height: 100dvh; border: 0; border-radius: 0; }
  .keys { display: none; }
}
@media (prefers-reduced-motion: no-preference) {
  .enlarge, button { transition: border-color 120ms, color 120ms; }
}
`;
