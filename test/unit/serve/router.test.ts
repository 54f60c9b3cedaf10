import { expect, test } from "vitest";
import { match, type Route, route, webSocket } from "../../../src/serve/router.ts";

const routes: readonly Route[] = [
  route("GET", "/api/instances/:name", () => 1),
  route("POST", "/api/instances/:name/rollback", () => 2),
  route("GET", "/api/hosts/:name/changes/:from", () => 3),
  webSocket("/api/instances/:name/terminal", async () => {}),
];
const paramsOf = (path: string, method = "GET") => {
  const found = match(routes, method, path);
  return found === undefined ? undefined : "params" in found ? found.params : found.allow;
};

test("parameters are parts of the path, decoded", () => {
  expect(paramsOf("/api/instances/web-1")).toEqual({ name: "web-1" });
  expect(paramsOf("/api/instances/w%C3%A9b")).toEqual({ name: "wéb" });
  expect(paramsOf("/api/hosts/crown/changes/3")).toEqual({ name: "crown", from: "3" });
});

test("another method is told from another path", () => {
  expect(paramsOf("/api/instances/web-1", "DELETE")).toEqual(["GET"]);
  expect(paramsOf("/api/instances/web-1/rollback")).toEqual(["POST"]);
  expect(paramsOf("/api/instances")).toBeUndefined();
});

test.each(["", "..", ".", "%2e%2e", "a%2fb", "a%00", "a%0d%0aSet-Cookie:x", "a%5cb", "%", "%ff", "%C0%AE"])(
  "no parameter is %j",
  (name) => expect(paramsOf(`/api/instances/${name}`)).toBeUndefined(),
);

test("what a change is: everything but GET, and every terminal", () => {
  expect(routes.map(({ inReadOnly }) => inReadOnly)).toEqual([true, false, true, false]);
});
