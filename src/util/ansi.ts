// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const SEQUENCES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** The text without terminal escape sequences: colours, cursor movements, links. */
export function stripAnsi(text: string): string {
  return text.replace(SEQUENCES, "");
}
