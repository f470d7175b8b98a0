/** Small controls that every view uses. */
import type { ComponentChildren } from "preact";
import { type IconName, Icon } from "./Icon";

interface IconButtonProps {
  icon: IconName;
  label: string;
  onClick: (event: MouseEvent) => void;
  disabled?: boolean;
  pressed?: boolean;
  class?: string;
}

export function IconButton({ icon, label, onClick, disabled, pressed, class: more }: IconButtonProps) {
  return (
    <button
      type="button"
      class={`icon-button ${more ?? ""}`}
      aria-label={label}
      title={label}
      disabled={disabled ?? false}
      aria-pressed={pressed}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

interface ButtonProps {
  children: ComponentChildren;
  onClick?: (event: MouseEvent) => void;
  kind?: "plain" | "first" | "quiet";
  disabled?: boolean;
  type?: "button" | "submit";
  title?: string;
  /** Says more than the words on the button, and holds them. */
  label?: string;
}

/** `first` is the one thing to do next; a view has at most one. */
export function Button({ children, onClick, kind = "plain", disabled = false, type = "button", title, label }: ButtonProps) {
  return (
    <button type={type} class={`button button-${kind}`} disabled={disabled} title={title ?? label} aria-label={label} onClick={onClick}>
      {children}
    </button>
  );
}

export function Bar({ share, label }: { share: number; label: string }) {
  const percent = Math.round(Math.max(0, Math.min(1, share)) * 100);
  return (
    <div class="bar" role="progressbar" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}>
      <div class="bar-done" style={{ width: `${percent}%` }} />
    </div>
  );
}

/** A command to run in a terminal, with a button that copies it. */
export function Command({ text }: { text: string }) {
  const copy = async (event: MouseEvent) => {
    const button = event.currentTarget as HTMLButtonElement;
    await navigator.clipboard.writeText(text);
    button.dataset.copied = "yes";
    setTimeout(() => delete button.dataset.copied, 1500);
  };
  return (
    <span class="command">
      <code tabIndex={0}>{text}</code>
      <button type="button" class="copy" onClick={copy} aria-label={`Copy: ${text}`}>
        <Icon name="copy" />
      </button>
    </span>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children && <p>{children}</p>}
    </div>
  );
}
