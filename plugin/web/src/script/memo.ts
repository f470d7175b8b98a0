/** A component that is drawn again only when its properties, or the signals it reads, change. */
import { Component, type FunctionComponent, type VNode, h } from "preact";

export function memo<P extends object>(inner: (properties: P) => VNode): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const keys = Object.keys(next) as (keyof P)[];
      return keys.some((key) => next[key] !== this.props[key]);
    }
    override render() {
      return h(inner as FunctionComponent<P>, this.props as P);
    }
  }
  return Memo as unknown as FunctionComponent<P>;
}
