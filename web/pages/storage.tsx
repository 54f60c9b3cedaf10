/** Images, volumes and pools of all servers: how large they are, who uses them, and what may go. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Storage } from "../../src/serve/protocol.ts";
import { bytes } from "../lib/words.ts";
import { useResource } from "../state/resource.ts";
import { fleet, isReadOnly } from "../state/store.ts";
import { Button, Meter, Notice, PageHead, Placeholder, Refused, Section } from "../ui/basics.tsx";
import { ImageTable } from "./storage/images.tsx";
import { PruneDialog } from "./storage/prune-dialog.tsx";
import { VolumeTable } from "./storage/volumes.tsx";

export function StoragePage(): JSX.Element {
  const { data, error, reload } = useResource<Storage>("api/storage", [imagesInUse()]);
  const [isAsked, setAsked] = useState(false);
  const canPrune = data !== undefined && !isReadOnly.value && data.images.some(({ isPrunable }) => isPrunable);
  return (
    <>
      <PageHead
        title="Images and storage"
        actions={
          canPrune ? (
            <Button icon="trash" onClick={() => setAsked(true)}>
              {`Prune: frees ${bytes(data.prunableBytes)}`}
            </Button>
          ) : undefined
        }
      >
        {data === undefined ? null : about(data)}
      </PageHead>
      {error === undefined ? null : <Refused error={error} onRetry={reload} />}
      {data?.problems.map(({ subject, message, hint }) => (
        <Notice key={subject} tone="warn" title={`${subject}: ${message}`}>
          {hint}
        </Notice>
      ))}
      {data === undefined ? error === undefined ? <Placeholder lines={10} /> : null : <Everything storage={data} />}
      {isAsked && data !== undefined ? (
        <PruneDialog storage={data} onDone={reload} onClose={() => setAsked(false)} />
      ) : null}
    </>
  );
}

// --- internal ---

/** What runs decides which images are needed. */
function imagesInUse(): string {
  return JSON.stringify(fleet.value?.instances.map(({ image }) => image?.fingerprint ?? "") ?? []);
}

function about({ images }: Storage): string {
  const all = images.reduce((sum, image) => sum + image.bytes, 0);
  const prunable = images.filter(({ isPrunable }) => isPrunable).length;
  const rest =
    prunable === 0 ? "all of them needed" : prunable === 1 ? "one no longer needed" : `${prunable} no longer needed`;
  return `${images.length} image${images.length === 1 ? "" : "s"}, ${bytes(all)}; ${rest}`;
}

function Everything({ storage }: { readonly storage: Storage }): JSX.Element {
  return (
    <>
      <Pools pools={storage.pools} />
      <Section title="Images">
        <ImageTable images={storage.images} />
      </Section>
      <Section title="Volumes">
        <VolumeTable volumes={storage.volumes} />
      </Section>
    </>
  );
}

function Pools({ pools }: { readonly pools: Storage["pools"] }): JSX.Element {
  return (
    <ul class="figures" aria-label="Storage pools">
      {pools.map(({ server, name, driver, used, total }) => (
        <li key={`${server}/${name}`} class="figure">
          <span class="figure-name">
            <span>
              {name} on {server}
            </span>
            <span>{driver}</span>
          </span>
          {used === undefined || total === undefined ? (
            <span class="soft">Incus does not tell its size</span>
          ) : (
            <>
              <span class="figure-value number">
                {bytes(used)} <span class="faint">of {bytes(total)}</span>
              </span>
              <Meter
                value={total === 0 ? 0 : used / total}
                label={`${name}: ${Math.round((used / total) * 100)} % used`}
              />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
