/**
 * How the page looks: light or dark as the reader's system is, on a wide screen or on a phone. In parts, since sections
 * also stand on pages of another frame.
 */

/** The colours. */
export const PALETTE = `
:root{color-scheme:light dark;--ground:#fbfbfa;--raised:#fff;--ink:#1d2126;--soft:#626a73;--line:#dcdfe3;--link:#0a58b5;
--forward:#2b6cb0;--backward:#b7791f;--update:#2f855a;--evaluate:#7c5cbf;--input:#68737f;
--forward-fill:#e3eefa;--backward-fill:#fbefd6;--update-fill:#dff2e6;--evaluate-fill:#ece6f8;--input-fill:#eceff2;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--ground:#15181c;--raised:#1c2025;--ink:#e3e6ea;--soft:#99a2ad;--line:#343a42;--link:#7ab4f5;
--forward:#6ea8e6;--backward:#dba94b;--update:#63bd89;--evaluate:#b49be6;--input:#8b96a3;
--forward-fill:#1c2f45;--backward-fill:#3b2f16;--update-fill:#18352a;--evaluate-fill:#2d2545;--input-fill:#282d34}}
`;

/** What sections are made of; may be nested under a selector. */
export const SECTIONS_STYLE = `
h2{font-size:1.15rem;margin:0 0 .6rem}h3{font:600 .8rem var(--mono);margin:1rem 0 .3rem;overflow-wrap:anywhere}
section{margin:1.6rem 0}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
.note{color:var(--soft);font-size:.87rem;margin:.2rem 0 .6rem}
.number{text-align:right;font-variant-numeric:tabular-nums}
.scroll{overflow:auto;max-width:100%}.tall{max-height:32rem}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(10rem,1fr));gap:.6rem;margin:0}
.figures div{background:var(--raised);border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem}
.figures dt{font-size:.8rem;color:var(--soft)}.figures dd{margin:0;font-size:1.35rem;font-variant-numeric:tabular-nums}.figures .note{font-size:.8rem}
.source,pre{background:var(--raised);border:1px solid var(--line);border-radius:6px;font:12.5px/1.5 var(--mono)}
.source{padding:.4rem 0}pre{padding:.6rem;margin:.4rem 0}
.line{display:flex;width:max-content;min-width:100%}.line:target{background:var(--backward-fill)}
.line .number{flex:0 0 3rem;padding-right:.8rem;color:var(--soft);user-select:none}.line code{white-space:pre;font:inherit;flex:1 0 auto;padding-right:2rem}
.line .ids{color:var(--soft);padding-right:.8rem;font-size:11px;line-height:1.75}
details{margin:.3rem 0}summary{cursor:pointer}
section>details>summary{padding:.25rem 0;font-weight:500}
.key{border:1px solid;border-radius:3px;padding:0 .35em;font-size:.78rem;white-space:nowrap}
.key.forward{color:var(--forward);background:var(--forward-fill)}.key.backward{color:var(--backward);background:var(--backward-fill)}
.key.update{color:var(--update);background:var(--update-fill)}.key.evaluate{color:var(--evaluate);background:var(--evaluate-fill)}
.picture{background:var(--raised);border:1px solid var(--line);border-radius:6px;max-height:40rem;margin:.4rem 0}
svg{display:block;margin-inline:auto}
svg.memory{overflow:visible}
svg text{font:11px var(--mono);fill:var(--ink);text-anchor:middle;pointer-events:none}svg text.small{font-size:9px;fill:var(--soft)}
.graph path{fill:none;stroke-width:1;opacity:.55}.graph path:hover{stroke-width:3;opacity:1}
.graph rect{stroke-width:1}a:hover rect,g:hover rect{stroke-width:2.5}
.graph .forward rect,.memory .forward{fill:var(--forward-fill);stroke:var(--forward)}.graph path.forward{stroke:var(--forward)}
.graph .backward rect,.memory .backward{fill:var(--backward-fill);stroke:var(--backward)}.graph path.backward{stroke:var(--backward)}
.graph .update rect,.memory .update{fill:var(--update-fill);stroke:var(--update)}.graph path.update{stroke:var(--update)}
.graph .evaluate rect,.memory .evaluate{fill:var(--evaluate-fill);stroke:var(--evaluate)}.graph path.evaluate{stroke:var(--evaluate)}
.graph .input rect{fill:var(--input-fill);stroke:var(--input)}.graph path.input{stroke:var(--input)}
.memory rect{stroke-width:.6}.memory rect:hover{stroke-width:2}.memory .ground{fill:none;stroke:none}
.memory .border{stroke:var(--line);fill:none}.memory text{text-anchor:start;font-size:9px;fill:var(--soft)}
.bars{max-width:40rem}.bar{display:grid;grid-template-columns:6rem 1fr 5rem;gap:.6rem;align-items:center;font-size:.87rem}
.track{background:var(--input-fill);border-radius:3px;height:.8rem}.track span{display:block;height:100%;border-radius:3px;background:var(--forward)}
.filters{display:flex;gap:.5rem;flex-wrap:wrap;align-items:center;margin:.5rem 0}
input,select{font:inherit;font-size:.9rem;padding:.25rem .5rem;border:1px solid var(--line);border-radius:5px;background:var(--raised);color:inherit;min-width:0;max-width:100%}
input{flex:1 1 14rem;max-width:24rem}.count{color:var(--soft);font-size:.85rem}
.rows{display:grid;grid-template-columns:2.8rem minmax(9rem,1.2fr) 5.6rem 6rem minmax(9rem,1.4fr) 6.5rem 7rem 5rem 5rem;gap:.6rem;font-size:.82rem;padding:.18rem .3rem;align-items:baseline}
.rows>span{overflow-wrap:anywhere}.rows.head{color:var(--soft);border-bottom:1px solid var(--line)}
.row{margin:0;border-bottom:1px solid var(--line)}.row:target>summary,.row[open]>summary{background:var(--input-fill)}.ops{color:var(--soft)}
summary.rows{list-style:none}summary.rows::-webkit-details-marker{display:none}
.inside{padding:.2rem .4rem 1rem}.inside p{margin:.3rem 0;font-size:.85rem;overflow-wrap:anywhere}
table{border-collapse:collapse;font-size:.82rem}th{text-align:left;font-weight:500;color:var(--soft);position:sticky;top:0;background:var(--ground)}
th.number{text-align:right}td,th{padding:.15rem .8rem .15rem .3rem;vertical-align:top}tbody tr{border-top:1px solid var(--line)}
@container (max-width:760px){.rows.head{display:none}.rows{grid-template-columns:2.6rem 1fr auto;gap:.1rem .6rem}
.rows>:nth-child(4),.rows>:nth-child(7),.rows>:nth-child(8){display:none}.rows>:nth-child(6):not(:empty)::before{content:"line ";color:var(--soft)}.rows>:nth-child(5){grid-column:2/-1}.rows>:nth-child(6){grid-column:2}
.line .ids{display:none}td,th{padding-right:.5rem}}
`;

/** What is shown while pointing, and what is hidden. */
export const TIP_STYLE = `
#tip{position:fixed;z-index:3;max-width:min(30rem,90vw);padding:.35rem .6rem;border-radius:5px;background:var(--ink);color:var(--ground);font:12px/1.4 var(--mono);white-space:pre-wrap;overflow-wrap:anywhere;pointer-events:none}
[hidden]{display:none!important}
`;

const FRAME = `
*{box-sizing:border-box}
html{scroll-padding-top:3.2rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
header{padding:1.2rem 1rem .4rem}
h1{font-size:1.4rem;margin:0}
nav{position:sticky;top:0;z-index:2;background:var(--ground);border-bottom:1px solid var(--line);padding:.5rem 1rem;display:flex;gap:1rem;overflow-x:auto;white-space:nowrap;scrollbar-width:none}
header,main,nav{max-width:1240px;margin-inline:auto}
main{padding:0 1rem 4rem;container-type:inline-size}
`;

export const STYLE = PALETTE + FRAME + SECTIONS_STYLE + TIP_STYLE;
