import { expect, test } from "vitest";
import { renderOrder } from "../../../../src/cli/render/order.ts";
import { renderPower } from "../../../../src/cli/render/power.ts";
import { colorsFor } from "../../../../src/cli/render/style.ts";
import type { InstanceChange } from "../../../../src/model/plan.ts";

const colors = colorsFor({ isTTY: false }, {}, true);
const change = (name: string): InstanceChange => ({
  kind: "instance",
  address: `local/default/${name}`,
  name,
  container: name,
  server: "local",
  project: "default",
  action: "update",
  method: "live",
  differences: [],
  notes: [],
});

test("the order of a plan has a line for each wave, and is left out where there is only one", () => {
  const changes = [change("db"), change("web-1"), change("web-2")];
  const waves = [["local/default/db", "local/default/web-1"], ["local/default/web-2"]];
  expect(renderOrder({ changes, waves }, colors)).toEqual(["Order", "  1  db, web-1", "  2  web-2"]);
  expect(renderOrder({ changes, waves: [waves.flat()] }, colors)).toEqual([]);
  expect(renderOrder({ changes }, colors)).toEqual([]);
});

test("what came of a restart: done, already so, failed, not begun", () => {
  const row = { address: "", ms: 1500, services: ["http://127.0.0.1:80"] };
  expect(
    renderPower(
      "start",
      [
        { ...row, name: "db", outcome: "done" },
        { ...row, name: "web-1", outcome: "unchanged" },
        { ...row, name: "web-2", outcome: "failed", error: "it is ill" },
        { ...row, name: "web-3", outcome: "skipped", error: '"web-2", which goes before it, failed', services: [] },
      ],
      colors,
    ),
  ).toMatchInlineSnapshot(`
    "  ✓ db     started                                           1.5 s  http://127.0.0.1:80
      = web-1  ran already                                              http://127.0.0.1:80
      ✗ web-2  failed
      · web-3  not begun: "web-2", which goes before it, failed
    "
  `);
});
