/** What can be done with the instances that are selected. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { FleetInstance, PowerRequest } from "../../../src/serve/protocol.ts";
import { planInstances } from "../../actions/make-plan.ts";
import { PowerDialog } from "../../actions/power-dialog.tsx";
import { addressOf } from "../../lib/fleet-view.ts";
import { isReadOnly } from "../../state/store.ts";
import { Button } from "../../ui/basics.tsx";

export function BulkBar({
  instances,
  onClear,
}: {
  readonly instances: readonly FleetInstance[];
  readonly onClear: () => void;
}): JSX.Element | null {
  const [asked, setAsked] = useState<PowerRequest["action"]>();
  if (instances.length === 0) return null;
  return (
    <section class="bulk" aria-label="Selected instances">
      <strong class="number">{instances.length} selected</strong>
      <div class="bulk-actions">
        <Button isSmall icon="plan" onClick={() => void planInstances({ selection: instances.map(addressOf) })}>
          Plan
        </Button>
        {isReadOnly.value ? null : (
          <>
            <Button isSmall icon="play" onClick={() => setAsked("start")}>
              Start
            </Button>
            <Button isSmall icon="restart" onClick={() => setAsked("restart")}>
              Restart
            </Button>
            <Button isSmall icon="stop" onClick={() => setAsked("stop")}>
              Stop
            </Button>
          </>
        )}
      </div>
      <Button kind="quiet" isSmall icon="close" label="Clear the selection" onClick={onClear} />
      {asked === undefined ? null : (
        <PowerDialog action={asked} instances={instances} onClose={() => setAsked(undefined)} />
      )}
    </section>
  );
}
