/** How pages lay their iframes out: `CAMERA` stands for the `src` with a camera's page, `SEVERAL` for one with three. */
export interface Layout {
  css: string;
  html: string;
  /** Runs in the page: what else may change its layout. */
  change?: string;
}

export const layouts: Record<string, Layout> = {
  'with nothing said at all': { css: '', html: '<p>before <iframe CAMERA></iframe> after</p>' },
  'with width and height as attributes': {
    css: '',
    html: '<iframe width="320" height="240" CAMERA></iframe> <iframe width="50%" height="100" CAMERA></iframe>',
  },
  'without a border': {
    css: '',
    html: '<iframe frameborder="0" width="200" CAMERA></iframe> <iframe CAMERA style="border: 0"></iframe>',
  },
  'with one attribute of the two': {
    css: '',
    html: '<iframe width="200" CAMERA></iframe><iframe height="90" CAMERA></iframe>',
  },
  'with a rule for all iframes': {
    css: 'iframe { width: 40%; height: 120px; border: 3px dashed rgb(1, 2, 3); margin: 5px 7px; padding: 4px; border-radius: 6px }',
    html: '<div><iframe CAMERA></iframe><iframe CAMERA></iframe></div>',
  },
  'with rules by class and by id': {
    css: '.camera { width: 210px; height: 99px; border: 1px solid red } #yard { width: 333px !important; float: right }',
    html: '<iframe class="camera" CAMERA></iframe><iframe class="camera" id="yard" CAMERA></iframe><p>text</p>',
  },
  'with an inline style': {
    css: '',
    html: '<iframe style="width: 33.3%; height: 8em; border: 2px solid; vertical-align: middle" CAMERA></iframe> text',
  },
  'where old resets hold': {
    css: '* { margin: 0; padding: 0; box-sizing: border-box } div { float: left } iframe { max-width: 100% }',
    html: '<div><iframe CAMERA></iframe></div><div><iframe CAMERA width="400" height="300"></iframe></div>',
  },
  'as a block': {
    css: 'iframe { display: block; margin: 10px auto }',
    html: '<iframe CAMERA></iframe><iframe CAMERA width="80%"></iframe>',
  },
  'with an aspect ratio': {
    css: '.wide { width: 100%; aspect-ratio: 16 / 9; border: 0 } .tall { height: 200px; aspect-ratio: 1 } .both { aspect-ratio: 2 }',
    html: '<iframe class="wide" CAMERA></iframe><iframe class="tall" CAMERA></iframe><iframe class="both" CAMERA></iframe>',
  },
  'in the cells of a table': {
    css: 'table { width: 100%; border-collapse: collapse } td { padding: 6px; border: 1px solid }',
    html: `<table><tr><td><iframe width="100%" CAMERA></iframe></td><td><iframe width="100%" CAMERA></iframe></td></tr>
      <tr><td>Entrance</td><td align="center"><iframe CAMERA width="200" height="150"></iframe></td></tr></table>`,
  },
  'in a table as wide as it needs to be': {
    css: '',
    html: '<table border="1"><tr><td>Yard</td><td><iframe CAMERA></iframe></td><td><iframe CAMERA width="100"></iframe></td></tr></table>',
  },
  'in the cells of a table with columns in percent': {
    css: 'td { width: 33%; padding: 0 } iframe { width: 100%; height: 150px; border: 0 }',
    html: '<table width="100%"><tr><td><iframe CAMERA></iframe></td><td><iframe CAMERA></iframe></td><td>x</td></tr></table>',
  },
  'in a line, where margins count': {
    css: 'iframe { margin: 3px 0 11px; width: 30% } p { line-height: 40px }',
    html: '<p>text <iframe CAMERA></iframe> and <iframe CAMERA style="width: 100px; margin-bottom: -9px"></iframe></p>',
  },
  'with offsets that mean nothing': {
    css: 'iframe { top: 30px; left: 20px }',
    html: '<p>text</p><iframe CAMERA></iframe>',
  },
  'with several cameras in one': {
    css: 'iframe { width: 50%; height: 210px }',
    html: '<iframe SEVERAL></iframe>',
  },
  'in a row of a flexible box': {
    css: 'div { display: flex; gap: 9px; height: 260px } iframe { flex: 1; border: 0 }',
    html: '<div><iframe CAMERA></iframe><iframe CAMERA></iframe><iframe CAMERA style="flex: 0 1 auto"></iframe></div>',
  },
  'in a column of a flexible box': {
    css: 'div { display: flex; flex-direction: column; align-items: center; height: 500px } .grow { flex-grow: 1; align-self: stretch }',
    html: '<div><iframe CAMERA></iframe><iframe class="grow" CAMERA></iframe></div>',
  },
  'in a grid': {
    css: 'div { display: grid; grid-template-columns: 2fr 1fr; grid-auto-rows: 200px; gap: 4px } .full { width: 100%; height: 100% }',
    html: '<div><iframe CAMERA></iframe><iframe class="full" CAMERA></iframe><iframe CAMERA style="justify-self: end"></iframe></div>',
  },
  'in a grid that stretches': {
    css: 'div { display: grid; grid-template-columns: 1fr 1fr; grid-auto-rows: 170px; align-items: stretch; justify-items: stretch }',
    html: '<div><iframe CAMERA></iframe><iframe CAMERA style="grid-column: 1 / -1"></iframe></div>',
  },
  'over a box that keeps its ratio by padding': {
    css: '.ratio { position: relative; padding-top: 56.25% } iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0 }',
    html: '<div class="ratio"><iframe CAMERA></iframe></div>',
  },
  'where it is positioned by itself': {
    css: 'div { position: relative; height: 300px } iframe { position: absolute; right: 12px; bottom: 8% }',
    html: '<div><iframe CAMERA></iframe><iframe CAMERA style="inset: 0; margin: auto"></iframe></div>',
  },
  'turned and scaled': {
    css: 'iframe { transform: rotate(3deg) scale(0.8); transform-origin: 10% 20%; margin: 30px }',
    html: '<iframe CAMERA></iframe>',
  },
  'where the window decides': {
    css: 'iframe { width: 300px; height: 200px } @media (max-width: 600px) { iframe { width: 100%; height: 120px; border: 0 } }',
    html: '<iframe CAMERA></iframe><iframe CAMERA></iframe>',
  },
  'where a neighbour decides': {
    css: 'iframe { width: 100px; height: 80px } iframe + iframe { margin-left: 40px } iframe:nth-child(3) { margin-left: 90px }',
    html: '<div><iframe CAMERA></iframe><iframe CAMERA></iframe><iframe CAMERA></iframe></div>',
  },
  'where limits hold': {
    css: 'iframe { width: 90%; max-width: 350px; min-height: 180px; height: 10vh; border: none }',
    html: '<center><iframe CAMERA></iframe></center>',
  },
  'in a box as wide as it needs to be': {
    css: 'div { float: left; padding: 3px; background: #eee }',
    html: '<div><iframe CAMERA></iframe></div><div><iframe style="width: 100%" CAMERA></iframe></div>',
  },
  'when the class of a box around it changes': {
    css: 'iframe { width: 300px; height: 200px } .large iframe { width: 90%; height: 300px; border-width: 5px }',
    html: '<div id="around"><iframe CAMERA></iframe></div><p>text</p>',
    change: "document.querySelector('#around').className = 'large'",
  },
  'when a script changes the size of the iframe': {
    css: '',
    html: '<iframe CAMERA></iframe><p>text</p>',
    change: "Object.assign(document.querySelector('iframe'), { width: '444', height: '222' }).style.marginTop = '33px'",
  },
  'in a tab that is opened later': {
    css: '.tab { display: none } .tab.open { display: block } iframe { width: 60%; height: 140px }',
    html: '<div class="tab"><iframe CAMERA></iframe></div><p>text</p>',
    change: "document.querySelector('.tab').className += ' open'",
  },
  'when the iframe is hidden': {
    css: '',
    html: '<iframe CAMERA></iframe><p>text</p>',
    change: "document.querySelector('iframe').style.display = 'none'",
  },
};
