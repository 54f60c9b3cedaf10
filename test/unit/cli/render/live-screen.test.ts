import { expect, test } from "vitest";
import { LiveScreen } from "../../../../src/cli/render/live-screen.ts";

test("LiveScreen.draw() writes nothing when nothing changed", () => {
  const written: string[] = [];
  const screen = new LiveScreen({ write: (text) => written.push(text) > 0 });
  screen.draw(["one"]);
  screen.draw(["one"]);
  expect(written.length).toBe(1);
});

test("LiveScreen.draw() moves up over what it drew and clears what is left", () => {
  const written: string[] = [];
  const screen = new LiveScreen({ write: (text) => written.push(text) > 0 });
  screen.draw(["one", "two"]);
  screen.draw(["three"]);
  expect(written[1]).toBe("\u001b[?2026h\u001b[2A\rthree\u001b[K\n\u001b[J\u001b[?2026l");
});

test("LiveScreen.draw() lets text through above the lines", () => {
  const written: string[] = [];
  const screen = new LiveScreen({ write: (text) => written.push(text) > 0 });
  screen.draw(["one"]);
  screen.draw(["one"], "warning: careful");
  expect(written[1]).toBe("\u001b[?2026h\u001b[1A\r\u001b[Jwarning: careful\none\u001b[K\n\u001b[J\u001b[?2026l");
});

test("LiveScreen.clear() leaves an empty line to go on from", () => {
  const written: string[] = [];
  const screen = new LiveScreen({ write: (text) => written.push(text) > 0 });
  screen.draw(["one"]);
  screen.clear();
  screen.clear();
  expect(written.slice(1)).toEqual(["\u001b[?2026h\u001b[1A\r\u001b[J\u001b[?2026l"]);
});
