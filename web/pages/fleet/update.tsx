/** What an update of one instance would change. */
import type { JSX } from "preact";
import type { FleetInstance } from "../../../src/serve/protocol.ts";
import { planInstances } from "../../actions/make-plan.ts";
import { addressOf } from "../../lib/fleet-view.ts";
import { fleet } from "../../state/store.ts";
import { Ago, Button } from "../../ui/basics.tsx";
import { Differences } from "../../ui/differences.tsx";

export function Update({ instance }: { readonly instance: FleetInstance }): JSX.Element {
  const { pending = [] } = instance;
  const at = fleet.value?.plannedAt;
  return (
    <div class="update">
      {pending.length > 0 ? (
        <Differences differences={pending} />
      ) : (
        <p class="soft">A newer image of {instance.container} is described than the one that runs.</p>
      )}
      <div class="update-foot">
        <Button isSmall icon="plan" onClick={() => void planInstances({ selection: [addressOf(instance)] })}>
          Plan this update
        </Button>
        {at === undefined ? null : (
          <span class="faint">
            found <Ago at={at} />
          </span>
        )}
      </div>
    </div>
  );
}
