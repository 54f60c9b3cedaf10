/** What the tools said besides. */
import type { JSX } from "preact";
import type { JobView } from "../../lib/job-view.ts";
import { Section } from "../../ui/basics.tsx";
import { LogView } from "../../ui/log-view.tsx";

const colors = { error: "\u001b[31m", warning: "\u001b[33m", info: "" } as const;

export function Messages({ messages }: { readonly messages: JobView["messages"] }): JSX.Element | null {
  if (messages.length === 0) return null;
  const lines = messages.flatMap(({ level, text }) => text.split("\n").map((line) => `${colors[level]}${line}`));
  return (
    <Section title="Messages">
      <LogView id="messages" lines={lines} label="Messages" height={12} />
    </Section>
  );
}
