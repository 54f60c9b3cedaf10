/** The small parts of every page: buttons, badges, states, times, placeholders. */
import type { ComponentChildren, JSX } from "preact";
import { age, bytes, dateTime, uptime } from "../lib/words.ts";
import type { RefusedError } from "../state/api.ts";
import { now } from "../state/now.ts";
import { Icon, type IconName } from "./icons.tsx";

export type Tone = "neutral" | "good" | "warn" | "bad" | "info" | "replace";

export interface ButtonProps {
  readonly children?: ComponentChildren;
  readonly kind?: "primary" | "plain" | "quiet" | "danger";
  readonly icon?: IconName;
  /** Names a button that shows only its symbol, and is its tooltip. */
  readonly label?: string;
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  readonly isSmall?: boolean;
  readonly isPressed?: boolean;
  readonly isExpanded?: boolean;
  readonly hasFocus?: boolean;
  readonly onClick?: (event: MouseEvent) => void;
  readonly type?: "button" | "submit";
  readonly title?: string;
}

export function Button(props: ButtonProps): JSX.Element {
  const { children, kind = "plain", icon, label, isBusy = false, isDisabled = false, isSmall = false } = props;
  const { isPressed, isExpanded, hasFocus, onClick, type = "button", title = label } = props;
  return (
    <button
      type={type}
      class={["button", kind, isSmall && "small", children === undefined && "only-icon"].filter(Boolean).join(" ")}
      disabled={isDisabled || isBusy}
      aria-label={label}
      aria-busy={isBusy || undefined}
      aria-pressed={isPressed}
      aria-expanded={isExpanded}
      title={title}
      onClick={onClick}
      ref={(button) => {
        if (hasFocus === true && button !== null && button.dataset["focused"] === undefined) {
          button.dataset["focused"] = "";
          button.focus();
        }
      }}
    >
      {isBusy ? <Spinner /> : icon === undefined ? null : <Icon name={icon} />}
      {children === undefined ? null : <span>{children}</span>}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({
  href,
  children,
  icon,
  kind = "plain",
}: {
  readonly href: string;
  readonly children: ComponentChildren;
  readonly icon?: IconName;
  readonly kind?: "primary" | "plain" | "quiet";
}): JSX.Element {
  return (
    <a class={`button ${kind}`} href={href}>
      {icon === undefined ? null : <Icon name={icon} />}
      <span>{children}</span>
    </a>
  );
}

export function Badge({
  tone = "neutral",
  children,
  title,
}: {
  readonly tone?: Tone;
  readonly children: ComponentChildren;
  readonly title?: string;
}): JSX.Element {
  return (
    <span class={`badge ${tone}`} title={title}>
      {children}
    </span>
  );
}

/** A coloured dot with the word beside it: never the colour alone. */
export function State({
  tone,
  children,
  isLive = false,
}: {
  readonly tone: Tone;
  readonly children: ComponentChildren;
  /** Something is happening to it now. */
  readonly isLive?: boolean;
}): JSX.Element {
  return (
    <span class={`state ${tone}`}>
      <span class={isLive ? "dot live" : "dot"} aria-hidden="true" />
      {children}
    </span>
  );
}

export function Spinner(): JSX.Element {
  return <span class="spinner" aria-hidden="true" />;
}

/** `3 min ago`; the exact time is its tooltip. ISO 8601 or milliseconds since the epoch. */
export function Ago({ at }: { readonly at: string | number }): JSX.Element {
  const time = typeof at === "number" ? at : Date.parse(at);
  return (
    <time dateTime={new Date(time).toISOString()} title={dateTime(time)}>
      {age(now.value - time)}
    </time>
  );
}

/** How long something runs already. */
export function Since({ at }: { readonly at: string | number }): JSX.Element {
  const time = typeof at === "number" ? at : Date.parse(at);
  return (
    <time dateTime={new Date(time).toISOString()} title={`since ${dateTime(time)}`}>
      {uptime(now.value - time)}
    </time>
  );
}

export function Bytes({ count }: { readonly count: number }): JSX.Element {
  return (
    <span class="number" title={`${count.toLocaleString("en")} bytes`}>
      {bytes(count)}
    </span>
  );
}

/** A share of something that is full at 1. */
export function Meter({ value, label }: { readonly value: number; readonly label: string }): JSX.Element {
  const share = Math.max(0, Math.min(1, value));
  return (
    <svg
      class={share > 0.9 ? "meter full" : "meter"}
      viewBox="0 0 100 4"
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <rect width="100" height="4" class="meter-back" />
      <rect width={Math.round(share * 1000) / 10} height="4" class="meter-fill" />
    </svg>
  );
}

/** Where a list would be that has nothing in it. */
export function Empty({
  icon = "info",
  title,
  children,
  action,
}: {
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={icon} size={20} />
      </span>
      <h2>{title}</h2>
      {children === undefined ? null : <p>{children}</p>}
      {action}
    </div>
  );
}

/** Something that a person must know, in the flow of the page. */
export function Notice({
  tone = "info",
  title,
  children,
  action,
}: {
  readonly tone?: Tone;
  readonly title: ComponentChildren;
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
}): JSX.Element {
  return (
    <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <Icon name={tone === "info" || tone === "neutral" ? "info" : tone === "good" ? "check" : "warning"} />
      <div class="notice-text">
        <strong>{title}</strong>
        {children === undefined ? null : <div>{children}</div>}
      </div>
      {action === undefined ? null : <div class="notice-action">{action}</div>}
    </div>
  );
}

/** What the server would not do, where it would have been shown. */
export function Refused({
  error,
  onRetry,
}: {
  readonly error: RefusedError;
  readonly onRetry?: () => void;
}): JSX.Element {
  const action = onRetry === undefined ? undefined : <Button onClick={onRetry}>Try again</Button>;
  return (
    <Notice tone="bad" title={error.message} action={action}>
      {error.hint}
    </Notice>
  );
}

/** Keeps the room of what is still loading. */
export function Placeholder({ lines = 3 }: { readonly lines?: number }): JSX.Element {
  return (
    <div class="placeholder" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} class="bone" />
      ))}
    </div>
  );
}

/** The top of a page: its only heading of the first level. */
export function PageHead({
  title,
  children,
  actions,
  crumbs,
}: {
  readonly title: ComponentChildren;
  /** A line below the title. */
  readonly children?: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** What leads here, as links. */
  readonly crumbs?: readonly { readonly href: string; readonly label: string }[];
}): JSX.Element {
  return (
    <header class="page-head">
      <div class="page-title">
        {crumbs === undefined ? null : (
          <nav class="crumbs" aria-label="Where you are">
            {crumbs.map((crumb) => (
              <a key={crumb.href} href={crumb.href}>
                {crumb.label}
              </a>
            ))}
          </nav>
        )}
        <h1 tabIndex={-1}>{title}</h1>
        {children === undefined ? null : <div class="page-about">{children}</div>}
      </div>
      {actions === undefined ? null : <div class="page-actions">{actions}</div>}
    </header>
  );
}

/** A titled part of a page. */
export function Section({
  title,
  aside,
  children,
}: {
  readonly title: ComponentChildren;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <section class="section">
      <div class="section-head">
        <h2>{title}</h2>
        {aside === undefined ? null : <div class="section-aside">{aside}</div>}
      </div>
      {children}
    </section>
  );
}
