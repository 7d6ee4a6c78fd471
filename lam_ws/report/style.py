"""The look of the pages: one style sheet, inlined, readable on a phone, on paper and at night."""

STYLE = """
:root{--page:#f4f6f8;--card:#fff;--ink:#18222d;--muted:#5d6b7a;--line:#dde3e9;--good:#1f8a5b;
--bad:#c4372f;--warn:#c77a12;--accent:#2f6fb2;--soft:#eef2f6}
@media (prefers-color-scheme:dark){:root{--page:#10161c;--card:#18212a;--ink:#e8edf2;
--muted:#9aa8b5;--line:#2b3742;--good:#3fbf86;--bad:#ef6a62;--warn:#e8a13c;--accent:#6aa7e6;
--soft:#202b36}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 system-ui,-apple-system,
"Segoe UI","Noto Sans KR","Noto Sans CJK KR","NanumGothic","Apple SD Gothic Neo","Malgun Gothic",
sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1060px;margin:0 auto;padding:20px 16px 56px}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px;
margin:0 0 16px}
h1{font-size:26px;line-height:1.3;margin:2px 0 8px;overflow-wrap:anywhere}
h2{font-size:17px;margin:0 0 12px}
h2 small,th small{font-weight:400;color:var(--muted);font-size:.82em;margin-left:.4em}
p{margin:.3em 0}.muted{color:var(--muted)}
.top{border-left:6px solid var(--bad)}.top.good{border-left-color:var(--good)}
.verdict{font-weight:700;color:var(--bad)}.good .verdict{color:var(--good)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:10px;
margin-top:16px}
.facts div{background:var(--soft);border-radius:8px;padding:8px 12px}
.facts b{display:block;font-size:19px;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.facts span{display:block;color:var(--muted);font-size:12.5px;line-height:1.35}
.stills{display:grid;grid-template-columns:repeat(4,1fr);gap:10px}
.stills figure{margin:0}.stills img{width:100%;display:block;border-radius:6px}
.stills figcaption{font-size:12.5px;color:var(--muted);font-variant-numeric:tabular-nums}
video{width:100%;max-width:640px;display:block;margin:0 auto 14px;border-radius:8px;
background:#111820}
.charts{display:grid;grid-template-columns:1fr 1fr;gap:6px 22px}
svg{width:100%;height:auto;display:block;color:var(--ink);overflow:visible}
svg text{font:11px system-ui,"Noto Sans KR","NanumGothic",sans-serif;fill:var(--muted)}
svg .name{fill:var(--ink);font-weight:600}svg .grid{stroke:var(--line);stroke-width:1}
svg .inside{fill:#fff}
.wide{overflow-x:auto}.wide svg{min-width:660px}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 10px;font-size:13px;color:var(--muted)}
.key i{display:inline-block;width:18px;height:0;border-top:3px solid;vertical-align:middle;
margin-right:6px}.key i.dash{border-top-style:dashed}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);
vertical-align:top;overflow-wrap:anywhere}
th{font-size:13px}td.number,th.number{text-align:right;white-space:nowrap}
tr:last-child td{border-bottom:0}
.swatch{display:inline-block;width:12px;height:12px;border-radius:3px;border:1px solid #8886;
margin-right:7px;vertical-align:-1px}
.tag{display:inline-block;border-radius:5px;padding:0 7px;font-size:12.5px;color:#fff;
background:var(--muted);white-space:nowrap}
.tag.instruction,.tag.plan{background:#5b5fc7}.tag.task{background:#2f6fb2}
.tag.policy{background:#0f7f86}.tag.guard{background:#1f8a5b}.tag.limited{background:#b96a08}
.tag.stop,.tag.failed{background:#c4372f}.tag.result{background:#1f8a5b}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"NanumGothicCoding",monospace;
font-size:12.5px}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--soft);padding:12px;
border-radius:8px;margin:10px 0 0}
ul,ol{margin:.2em 0;padding-left:1.3em}summary{cursor:pointer}
a{color:var(--accent)}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:16px}.pair section{margin:0}
.pair{margin-bottom:16px}
.scroll{overflow-x:auto}.figures td:first-child{white-space:nowrap}
.figures td,.figures th{overflow-wrap:normal}
.warn{border-left:6px solid var(--warn)}.warn .verdict{color:var(--warn)}
.plain .verdict{color:var(--muted)}.scroll+.scroll{margin-top:16px}
td.bar{width:200px;min-width:130px;padding-top:8px}td.bar svg{height:16px}
.tag.task{white-space:nowrap}.film{border-top:1px solid var(--line);padding:14px 0}
.film:first-child{border-top:0;padding-top:0}.film:last-child{padding-bottom:0}
.film h3{font-size:15px;margin:0 0 8px;overflow-wrap:anywhere}.film .stills{margin-bottom:8px}
.film pre{margin:8px 0 0;padding:8px 12px}.film details video{margin:10px auto 4px}
@media (max-width:720px){main{padding:10px 8px 40px}section{padding:14px}h1{font-size:21px}
.charts,.pair{grid-template-columns:1fr}.stills{grid-template-columns:repeat(2,1fr)}
td,th{padding-right:8px}.narrow{display:none}}
@media print{:root{--page:#fff;--card:#fff;--ink:#000;--muted:#444;--line:#bbb;--soft:#f3f3f3}
body{font-size:11.5px}section{break-inside:avoid;border-radius:0}section.long{break-inside:auto}
tr,figure,svg{break-inside:avoid}h2{break-after:avoid}pre{font-size:9.5px}video{display:none}main{max-width:none;padding:0}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
"""
