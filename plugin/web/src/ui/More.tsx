/** A part of a form that is mostly left as it is: closed, with what it says beside its title. */
import type { ComponentChildren } from "preact";
import { Icon } from "./Icon";

interface Props {
  title: string;
  said: string;
  children: ComponentChildren;
  open?: boolean;
}

export function More({ title, said, children, open = false }: Props) {
  return (
    <details class="more" open={open}>
      <summary>
        <span class="form-label">{title}</span>
        <span class="muted cut">{said}</span>
        <Icon name="chevron" />
      </summary>
      <div class="more-inside">{children}</div>
    </details>
  );
}
