/** The fleet drawn: what runs where, with its state now. The drawing is loaded when it is asked for. */
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { DrawnGraph } from "../../src/serve/protocol.ts";
import { useResource } from "../state/resource.ts";
import { PageHead, Placeholder, Refused } from "../ui/basics.tsx";

export function GraphPage(): JSX.Element {
  const { data, error, reload } = useResource<DrawnGraph>("api/graph");
  const [Drawing, setDrawing] = useState<ComponentType<{ readonly drawn: DrawnGraph }>>();
  useEffect(() => {
    void import("./graph/drawing.tsx").then((module) => setDrawing(() => module.Drawing));
  }, []);
  return (
    <>
      <PageHead title="Graph">
        Hosts, containers, instances, volumes, ports and shells, and what they need of each other
      </PageHead>
      {error === undefined ? null : <Refused error={error} onRetry={reload} />}
      {error === undefined && (data === undefined || Drawing === undefined) ? (
        <div class="card graph-loading">
          <Placeholder lines={4} />
        </div>
      ) : null}
      {data !== undefined && Drawing !== undefined ? <Drawing drawn={data} /> : null}
    </>
  );
}
