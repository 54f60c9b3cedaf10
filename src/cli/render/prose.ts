/** Option documentation as plain text. */

/** Without the marks of Markdown's roles and links and of DocBook, in which releases before 23.05 wrote. */
export function plainText(text: string): string {
  return text
    .replace(/\{(?:option|command|env|file|var|manpage)\}`([^`]*)`/g, "$1")
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, (_, words: string, target: string) => (words === "" ? target : words))
    .replace(/<link xlink:href="([^"]*)"\s*\/>/g, "$1")
    .replace(/<xref linkend="(?:opt-)?([^"]*)"\s*\/>/g, "$1")
    .replace(/<\/?[a-z][\w:-]*(?:\s[^<>]*)?>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .replace(/`/g, "")
    .trim();
}

/** Lines of at most `width` columns; paragraphs and lists keep their breaks. */
export function wrapText(text: string, width: number): string[] {
  return text.split(/\n\s*\n/).flatMap((paragraph, index) => [
    ...(index === 0 ? [] : [""]),
    ...paragraph
      .replace(/\n(?!\s*[-*•]|\s{4})\s*/g, " ")
      .split("\n")
      .flatMap((line) => wrapLine(line.trimEnd(), width)),
  ]);
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of line.split(/ +/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
