/** Text of machines: code, and what a value was and becomes. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button } from "./basics.tsx";

/** With a button that copies it. */
export function Code({ text, label = "Code" }: { readonly text: string; readonly label?: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div class="code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse */}
      <section tabIndex={0} aria-label={label}>
        <pre>
          <code>{text}</code>
        </pre>
      </section>
      {window.isSecureContext ? (
        <Button
          kind="quiet"
          isSmall
          icon={isCopied ? "check" : "copy"}
          label={isCopied ? "Copied" : "Copy"}
          onClick={() => void copy()}
        />
      ) : null}
    </div>
  );
}

/** `before → after`; one of them absent: added or removed. */
export function Change({
  before,
  after,
}: {
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}): JSX.Element | null {
  if (before === undefined && after === undefined) return null;
  if (before === undefined) return <ins class="value">{after}</ins>;
  if (after === undefined) return <del class="value">{before}</del>;
  return (
    <>
      <del class="value replaced">{before}</del> <span class="arrow">→</span> <ins class="value replacing">{after}</ins>
    </>
  );
}
