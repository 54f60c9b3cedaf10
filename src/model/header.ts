/** The first line of every file that floe writes: where it comes from, and the mark by which floe knows its own files. */

const mark = /^# Written by floe from .+; edit that file and run "floe synth"\.\n/;

export function headerLine(source: string): string {
  return `Written by floe from ${source}; edit that file and run "floe synth".`;
}

/** Whether floe wrote the file. */
export function hasHeader(text: string): boolean {
  return mark.test(text);
}
