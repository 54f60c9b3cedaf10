/** Names with what they stand for, in two columns that become one on a phone. */
import type { ComponentChildren, JSX } from "preact";

/** A fact whose content is undefined is left out. */
export type Fact = readonly [name: string, content: ComponentChildren | undefined];

export function Facts({ facts }: { readonly facts: readonly Fact[] }): JSX.Element {
  return (
    <dl class="facts">
      {facts.map(([name, content]) =>
        content === undefined ? null : (
          <div key={name} class="fact">
            <dt>{name}</dt>
            <dd>{content}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
