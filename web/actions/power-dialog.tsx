/** Starting, stopping and restarting instances: asks, with their names in view. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { FleetInstance, PowerRequest } from "../../src/serve/protocol.ts";
import { addressOf } from "../lib/fleet-view.ts";
import { counted } from "../lib/words.ts";
import { Confirm } from "../ui/dialog.tsx";
import { startJob } from "./start-job.ts";

export interface PowerDialogProps {
  readonly action: PowerRequest["action"];
  readonly instances: readonly FleetInstance[];
  readonly onClose: () => void;
}

export function PowerDialog({ action, instances, onClose }: PowerDialogProps): JSX.Element {
  const [isForced, setForced] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [only] = instances;
  const verb = verbs[action];
  const run = async (): Promise<void> => {
    setBusy(true);
    const request: PowerRequest = {
      action,
      instances: instances.map(addressOf),
      ...(isForced && action !== "start" ? { force: true } : {}),
    };
    if ((await startJob("api/power", request)) === undefined) setBusy(false);
    else onClose();
  };
  return (
    <Confirm
      title={`${verb} ${instances.length === 1 ? only?.name : counted(instances.length, "instance")}?`}
      confirm={verb}
      isDangerous={action === "stop"}
      isBusy={isBusy}
      onConfirm={() => void run()}
      onClose={onClose}
    >
      {instances.length > 1 ? <p>{instances.map(({ name }) => name).join(", ")}</p> : null}
      <p>{consequences[action]}</p>
      {action === "start" ? null : (
        <label class="check">
          <input type="checkbox" checked={isForced} onChange={(event) => setForced(event.currentTarget.checked)} />
          <span>At once, without waiting for its programs to end</span>
        </label>
      )}
    </Confirm>
  );
}

// --- internal ---

const verbs: Readonly<Record<PowerRequest["action"], string>> = { start: "Start", stop: "Stop", restart: "Restart" };
const consequences: Readonly<Record<PowerRequest["action"], string>> = {
  start: "Health checks are waited for.",
  stop: "Nothing is served until the next start. The next apply starts what should run.",
  restart: "Nothing is served for some seconds. Health checks are waited for.",
};
