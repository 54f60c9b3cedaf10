/** One word for a POSIX shell as a person would type it: in quotes where it needs them. */
export function typedWord(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : quoteWord(word);
}

/** One word for a POSIX shell, whatever is in it. */
export function quoteWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
