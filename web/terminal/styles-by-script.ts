/**
 * xterm.js writes style sheets as text into `<style>` elements and colours into `style` attributes. The page's content-security policy allows neither, and
 * rightly so. While a terminal is shown both take the ways that are allowed to scripts: adopted style sheets and the CSSOM. xterm makes all its elements
 * with `document.createElement`, whatever its option `documentOverride` says; Preact does not use it.
 */

/** Answers how to end it. */
export function stylesByScript(): () => void {
  const create = Document.prototype.createElement;
  const sheets: CSSStyleSheet[] = [];
  document.createElement = ((name: string): HTMLElement => {
    if (name === "style") return standIn(sheets);
    const element = create.call(document, name);
    if (name === "span") setStyleByScript(element);
    return element;
  }) as Document["createElement"];
  return () => {
    delete (document as Partial<Document>).createElement;
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => !sheets.includes(sheet));
  };
}

// --- internal ---

/** Shows nothing, and hands its text on: even an empty style element is a violation. */
function standIn(sheets: CSSStyleSheet[]): HTMLElement {
  const sheet = new CSSStyleSheet();
  sheets.push(sheet);
  document.adoptedStyleSheets.push(sheet);
  const element = Document.prototype.createElement.call(document, "template");
  Object.defineProperty(element, "textContent", { set: (text: string) => sheet.replaceSync(text) });
  return element;
}

function setStyleByScript(element: HTMLElement): void {
  element.setAttribute = (name, value) => {
    if (name === "style") element.style.cssText = value;
    else Element.prototype.setAttribute.call(element, name, value);
  };
}
