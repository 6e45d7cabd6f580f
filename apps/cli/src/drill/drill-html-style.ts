/** The page's style sheet. Neighbouring stages differ in lightness, too, for those who see no colours. */
export const drillHtmlStyle = `
:root {
  color-scheme: light dark;
  --page: #fff; --text: #1c2128; --dim: #57606a; --line: #d0d7de; --panel: #f6f8fa; --track: #e6eaef;
  --pass: #116329; --pass-back: #dafbe1; --fail: #a40e26; --fail-back: #ffebe9; --mark: #1c2128;
  --s1: #9ec9ff; --s2: #3b82d6; --s3: #f2b84b; --s4: #a86a00; --s5: #e8705f; --s6: #8250df; --s7: #2da44e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --text: #e6edf3; --dim: #9aa4af; --line: #30363d; --panel: #161b22; --track: #262c34;
    --pass: #7ee787; --pass-back: #12361f; --fail: #ffa198; --fail-back: #4c1519; --mark: #fff;
    --s1: #2c5f9e; --s2: #79b8ff; --s3: #8a6116; --s4: #f0c05a; --s5: #c8503f; --s6: #b794f6; --s7: #3fb950;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { margin: 0; font-size: 1.6rem; }
h2 { margin: 0; font-size: 1.05rem; }
h3 { margin: 0; font-size: .95rem; font-weight: 600; }
p { margin: .25rem 0; }
small, .facts, time { color: var(--dim); font-size: .85rem; font-weight: 400; }
.summary { display: flex; flex-wrap: wrap; gap: 1rem; align-items: baseline; }
.summary strong { font-size: 1.1rem; }
strong.pass { color: var(--pass); }
strong.fail { color: var(--fail); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .75rem 0 1.5rem; padding: 0; list-style: none; font-size: .85rem; }
.legend i, .legend b { display: inline-block; width: .9rem; height: .7rem; margin-right: .4rem; border-radius: 2px; }
.legend b { width: 2px; height: .9rem; background: var(--mark); vertical-align: -2px; }
section { margin: 0 0 1rem; padding: .9rem 1rem; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); }
.badge { display: inline-block; padding: 0 .5rem; border-radius: 4px; font-size: .8rem; }
.badge.pass { color: var(--pass); background: var(--pass-back); }
.badge.fail { color: var(--fail); background: var(--fail-back); }
.id { display: inline-block; min-width: 3rem; margin-left: .25rem; color: var(--dim); }
.reason { color: var(--fail); overflow-wrap: anywhere; }
section:has(> h2 > .pass) .reason { color: var(--dim); }
.alert { margin: .75rem 0; }
.bar { position: relative; height: 1.1rem; margin: .35rem 0; border-radius: 3px; background: var(--track); overflow: hidden; }
.bar i { position: absolute; top: 0; bottom: 0; }
.bar b { position: absolute; top: 0; bottom: 0; width: 2px; margin-left: -1px; background: var(--mark); }
.s1 { background: var(--s1); } .s2 { background: var(--s2); } .s3 { background: var(--s3); } .s4 { background: var(--s4); }
.s5 { background: var(--s5); } .s6 { background: var(--s6); } .s7 { background: var(--s7); }
summary { color: var(--dim); font-size: .85rem; cursor: pointer; }
table { margin: .35rem 0; border-collapse: collapse; font-size: .85rem; }
th { white-space: nowrap; }
th, td { padding: .1rem 1rem .1rem 0; text-align: left; vertical-align: top; font-weight: 400; overflow-wrap: anywhere; }
td:nth-child(2) { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td:last-child { color: var(--dim); }
`;
