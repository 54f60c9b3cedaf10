/**
 * The dashboard's page. How to add one:
 *
 *   1. `pages/NAME.tsx` exports a component that takes `PageProps` (routes.tsx) and begins with <PageHead title=…>; its path goes into routes.tsx, and into
 *      the navigation of ui/layout.tsx when it belongs there. Its styles go into `pages/NAME.css`, in `@layer pages`: every .css file below web/ is in
 *      the one sheet, tokens first, so nothing imports them.
 *   2. Data: `useResource<T>("api/…")` (state/resource.ts) reads once and keeps what it read; `fleet`, `jobs`, `connection` (state/store.ts) are signals
 *      that the server's events keep up to date; `openStream("api/…", …)` (state/stream.ts) follows a stream of its own, such as a log.
 *      Changes: `post("api/…", body)` (state/api.ts) sends the CSRF header and throws `RefusedError`; `toastError` says it, <Refused> shows it in place.
 *      What answers a Job: `noteJob(job)`, then `navigate(href("jobs", job.id))` or wait for `whenDone(job.id)`.
 *   3. Links: `<a href={href("instances", name)}>`; clicks are taken over by the router, and the base path is in front already.
 *   4. Parts: ui/basics.tsx (Button, Badge, State, Ago, Since, Bytes, Meter, Empty, Notice, Refused, Placeholder, PageHead, Section), ui/table.tsx,
 *      ui/dialog.tsx, ui/tabs.tsx, ui/code.tsx, ui/log-view.tsx, ui/icons.tsx; keys with `useShortcuts`. While something loads its room is kept (<Placeholder>).
 *   5. No inline script or style element, no `innerHTML`: the content-security policy refuses them. `style={{…}}` is fine.
 *   6. Large things are loaded when they are needed: `await import("…")` becomes a chunk of its own.
 *
 * `lib/` is pure and tested in test/unit/web-*.test.ts; `state/` holds signals and talks to the browser; `ui/` draws; `pages/` put it together.
 */
import { type JSX, render } from "preact";
import { CannotStartPage, SignInPage } from "./pages/sign-in.tsx";
import { pageOf } from "./routes.tsx";
import { session } from "./state/api.ts";
import { startClock } from "./state/now.ts";
import { path, startRouter } from "./state/router.ts";
import { startShortcuts } from "./state/shortcuts.ts";
import { start, startError } from "./state/store.ts";
import { startTheme } from "./state/theme.ts";
import { Layout } from "./ui/layout.tsx";

function App(): JSX.Element {
  if (session.value === "none") return <SignInPage />;
  if (startError.value !== undefined) return <CannotStartPage why={startError.value} />;
  return <Layout>{pageOf(path.value)}</Layout>;
}

startTheme();
startRouter();
startShortcuts();
startClock();
void start();
const app = document.getElementById("app");
if (app !== null) render(<App />, app);
