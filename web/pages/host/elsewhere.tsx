import type { JSX } from "preact";
import { Notice } from "../../ui/basics.tsx";
import { Code } from "../../ui/code.tsx";

/** Why nothing is known of a host, and what would change that. */
export function Elsewhere({ name }: { readonly name: string }): JSX.Element {
  return (
    <Notice title="It is reached only from its own machine">
      Its description names no target, and this is not {name}. Use floe there, or say in its <code>host(…)</code> how to
      get to it:
      <Code label="The target of the host" text={`target: "root@${name}"`} />
    </Notice>
  );
}
