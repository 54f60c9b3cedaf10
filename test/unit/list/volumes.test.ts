import { expect, test } from "vitest";
import { listVolumes } from "../../../src/list/volumes.ts";
import { fleet, instance } from "../plan/world.ts";

const world = fleet([instance({ volumes: { "/data": { pool: "default", name: "data", existing: false } } })]);
const volume = (name: string, config = {}, used_by: readonly string[] = [], project = "default") => ({
  name,
  pool: "default",
  type: "custom",
  content_type: "filesystem",
  config,
  description: "",
  used_by,
  project,
});

test("a volume is declared, an orphan, unused, or somebody else's; snapshots are none", () => {
  const own = { "user.floe.fleet": "home", size: "1GiB" };
  const listed = listVolumes(world, "local", [
    volume("data", own, ["/1.0/instances/web?project=default", "/1.0/profiles/media"]),
    volume("data", {}, [], "other"),
    volume("old", own),
    volume("old/snap0", own),
    volume("theirs", {}, ["/1.0/instances/x"]),
  ]);
  expect(listed.map(({ name, project, state, usedBy, limit }) => ({ name, project, state, usedBy, limit }))).toEqual([
    { name: "data", project: "default", state: "declared", usedBy: ["web", "profile media"], limit: "1GiB" },
    { name: "data", project: "other", state: "unused", usedBy: [], limit: null },
    { name: "old", project: "default", state: "orphan", usedBy: [], limit: "1GiB" },
    { name: "theirs", project: "default", state: "foreign", usedBy: ["x"], limit: null },
  ]);
});
