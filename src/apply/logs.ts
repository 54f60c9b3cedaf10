/** The last words of an instance, for the error that tells of its end. */
import type { Target } from "./context.ts";

const lines = 10;

/** The end of its console, else of its LXC log; empty when there is neither. Never throws: it explains another failure. */
export async function lastWords(
  { client, project }: Pick<Target, "client" | "project">,
  name: string,
): Promise<string> {
  const sources = [() => client.getConsoleLog(project, name), () => client.getLogFile(project, name, "lxc.log")];
  for (const source of sources) {
    const text = (await source().catch(() => "")) ?? "";
    const found = text.split(/\r?\n/).filter((line) => line.trim() !== "");
    if (found.length > 0) return found.slice(-lines).join("\n");
  }
  return "";
}

/** Adds the last words to a message, where there are any. */
export function withLastWords(message: string, words: string): string {
  return words === "" ? message : `${message}\nLast lines of its log:\n${words.replace(/^/gm, "  ")}`;
}
