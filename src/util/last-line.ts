/** The last line of what a program said: mostly the reason why it failed. */
export function lastLine(text: string, otherwise = "it gives no reason"): string {
  return text.trim().split("\n").at(-1) || otherwise;
}
