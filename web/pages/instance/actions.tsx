/** What can be done with an instance, at the top of its page. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { FleetInstance, PowerRequest } from "../../../src/serve/protocol.ts";
import { planInstances } from "../../actions/make-plan.ts";
import { PowerDialog } from "../../actions/power-dialog.tsx";
import { RollbackDialog } from "../../actions/rollback-dialog.tsx";
import { addressOf, hasUpdate } from "../../lib/fleet-view.ts";
import { isReadOnly } from "../../state/store.ts";
import { Button } from "../../ui/basics.tsx";
import { Icon } from "../../ui/icons.tsx";

export function InstanceActions({ instance }: { readonly instance: FleetInstance }): JSX.Element {
  const [asked, setAsked] = useState<PowerRequest["action"] | "rollback">();
  const { name, state, hasPrevious, job } = instance;
  const isBusy = job !== undefined;
  const close = () => setAsked(undefined);
  const power = state === "running" ? (["restart", "stop"] as const) : state === "stopped" ? (["start"] as const) : [];
  return (
    <>
      <ServiceLinks instance={instance} />
      {isReadOnly.value ? null : (
        <>
          {power.map((action) => (
            <Button key={action} icon={icons[action]} isDisabled={isBusy} onClick={() => setAsked(action)}>
              {words[action]}
            </Button>
          ))}
          {hasPrevious ? (
            <Button icon="back" isDisabled={isBusy} onClick={() => setAsked("rollback")}>
              Roll back
            </Button>
          ) : null}
        </>
      )}
      <Button
        icon="plan"
        kind={hasUpdate(instance) ? "primary" : "plain"}
        onClick={() => void planInstances({ selection: [addressOf(instance)] })}
      >
        Plan
      </Button>
      {asked === "rollback" ? <RollbackDialog kind="instances" name={name} onClose={close} /> : null}
      {asked !== undefined && asked !== "rollback" ? (
        <PowerDialog action={asked} instances={[instance]} onClose={close} />
      ) : null}
    </>
  );
}

/** Only what the server has found to be an address of the web is a link. */
export function ServiceLinks({ instance }: { readonly instance: FleetInstance }): JSX.Element | null {
  if (instance.links.length === 0) return null;
  return (
    <span class="services">
      {instance.links.map(({ label, url }) =>
        url === undefined ? (
          <span key={label}>{label}</span>
        ) : (
          <a key={url} class="service" href={url} target="_blank" rel="noreferrer noopener">
            {label}
            <Icon name="external" size={13} />
          </a>
        ),
      )}
    </span>
  );
}

// --- internal ---

const icons = { start: "play", stop: "stop", restart: "restart" } as const;
const words = { start: "Start", stop: "Stop", restart: "Restart" } as const;
