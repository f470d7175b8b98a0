/* Measures what is wrong with the layout of the page in the window, and returns a list of sentences.
   `touch` says whether the window is a phone's: there, targets must be large enough for a finger.

   - "window": something reaches beyond the window, or the page scrolls sideways. The tables and charts of the
     report scroll in boxes of their own.
   - "cut": text is cut off by its box without an ellipsis, or a field does not show its words.
   - "overlap": two texts lie over each other.
   - "target": a control is smaller than 24 CSS pixels and has a neighbour within that reach (WCAG 2.5.8). */
(touch) => {
  const found = [];
  const SLACK = 1.5;
  const LEAST_TARGET = 24;
  const tell = (kind, element, text) => {
    const name = element.id ? `#${element.id}` : element.className && typeof element.className === "string" ? `.${element.className.trim().split(/\s+/).join(".")}` : "";
    const words = (element.getAttribute("aria-label") || element.textContent || element.placeholder || "").trim().replace(/\s+/g, " ").slice(0, 40);
    const sentence = `${kind}: ${element.tagName.toLowerCase()}${name} "${words}" ${text}`.trim();
    if (!found.includes(sentence)) found.push(sentence);
  };
  const dialog = document.querySelector("dialog[open]");
  const root = dialog ?? document.body;
  const isHidden = (element) => element.closest(".hidden, [hidden]") !== null || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true });

  /** The part of a rectangle that the boxes around it let through; null where nothing is left. */
  const clip = (rect, element, scrolled) => {
    let { left, top, right, bottom } = rect;
    for (let box = element; box && box !== document.documentElement; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.overflowX === "visible" && style.overflowY === "visible") continue;
      const edge = box.getBoundingClientRect();
      /* What a scrolling box holds can be brought into sight. */
      if (!scrolled && /auto|scroll/.test(style.overflowX + style.overflowY)) break;
      left = Math.max(left, edge.left);
      right = Math.min(right, edge.right);
      top = Math.max(top, edge.top);
      bottom = Math.min(bottom, edge.bottom);
      /* It lies above everything, whatever element holds it. */
      if (box.matches("dialog")) break;
    }
    return right - left > 1 && bottom - top > 1 ? { left, top, right, bottom } : null;
  };

  const scroller = document.scrollingElement;
  if (scroller.scrollWidth > innerWidth + SLACK) tell("window", document.body, `scrolls sideways by ${scroller.scrollWidth - innerWidth}`);
  for (const box of root.querySelectorAll("*")) {
    if (isHidden(box) || box.closest("svg")) continue;
    const style = getComputedStyle(box);
    if (/auto|scroll/.test(style.overflowX) && box.scrollWidth > box.clientWidth + SLACK && !box.matches("pre, .list-head, .scroll, .wide, thead")) {
      tell("window", box, `scrolls sideways by ${box.scrollWidth - box.clientWidth}`);
    }
    const rect = box.getBoundingClientRect();
    if (rect.width && (rect.right > innerWidth + SLACK || rect.left < -SLACK) && clip(rect, box.parentElement, true)?.right > innerWidth + SLACK) {
      tell("window", box, `reaches ${Math.round(rect.right - innerWidth)} beyond the window`);
    }
  }

  const brush = document.createElement("canvas").getContext("2d");
  const widthOf = (element, text) => {
    brush.font = getComputedStyle(element).font;
    return brush.measureText(text).width;
  };
  for (const field of root.querySelectorAll("input, select, textarea")) {
    if (isHidden(field)) continue;
    const style = getComputedStyle(field);
    const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (field.matches("select")) {
      const text = field.selectedOptions[0]?.textContent?.trim() ?? "";
      if (widthOf(field, text) > room - 16 + SLACK) tell("cut", field, `shows ${Math.round(((room - 16) / widthOf(field, text)) * 100)} % of "${text.slice(0, 60)}"`);
    } else if (field.matches('input:not([type="checkbox"], [type="radio"], [type="range"], [type="color"], [type="file"], [type="date"])')) {
      if (!field.value && field.placeholder && widthOf(field, field.placeholder) > room + SLACK) tell("cut", field, `the hint "${field.placeholder}" has no room`);
      /* A path is longer than most fields; figures and times must be whole. */
      if (field.matches(".number, [type='number']") && field.scrollWidth > field.clientWidth + SLACK) tell("cut", field, `the value "${field.value}" has no room`);
    }
  }

  /** Whether an element is seen at a point: nothing that is filled lies over it. */
  const shows = (element, x, y) => {
    for (const top of document.elementsFromPoint(x, y)) {
      if (top === element || element.contains(top) || top.contains(element)) return true;
      if (!/rgba\(.*, 0\)|transparent/.test(getComputedStyle(top).backgroundColor) || top.matches("video, canvas, img")) return false;
    }
    return false;
  };

  const texts = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || !element || element.matches("script, style, option, optgroup, textarea") || isHidden(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter((rect) => rect.width > 1 && rect.height > 1);
    const ellipsis = (() => {
      for (let box = element; box && box !== root; box = box.parentElement) {
        const style = getComputedStyle(box);
        if (style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none") return true;
      }
      return false;
    })();
    for (const rect of rects) {
      const seen = clip(rect, element, true);
      if (!ellipsis) {
        const kept = clip(rect, element, false);
        const lost = kept ? Math.max(rect.right - kept.right, kept.left - rect.left) : rect.width;
        const under = kept ? Math.max(rect.bottom - kept.bottom, kept.top - rect.top) : rect.height;
        if (lost > SLACK || under > rect.height / 3) tell("cut", element, `loses ${Math.round(Math.max(lost, under))} px`);
      }
      if (!seen || seen.top > innerHeight || seen.bottom < 0 || seen.left > innerWidth) continue;
      const [x, y] = [(seen.left + seen.right) / 2, (seen.top + seen.bottom) / 2];
      if (shows(element, Math.min(x, innerWidth - 1), Math.min(y, innerHeight - 1))) texts.push({ element, ...seen });
    }
  }
  for (let first = 0; first < texts.length; first++) {
    for (let second = first + 1; second < texts.length; second++) {
      const [a, b] = [texts[first], texts[second]];
      if (a.element === b.element) continue;
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      /* Boxes of lines are higher than their letters. */
      if (wide > 3 && high > 0.4 * Math.min(a.bottom - a.top, b.bottom - b.top)) tell("overlap", a.element, `lies over "${b.element.textContent.trim().slice(0, 30)}"`);
    }
  }

  if (touch) {
    const targets = [...root.querySelectorAll("button, a[href], input, select, textarea, summary, [role='button']")]
      .filter((one) => !isHidden(one) && !one.disabled)
      .map((one) => {
        /* A finger hits the words of a tick as well. */
        const box = one.matches("[type='checkbox'], [type='radio'], [type='file']") ? (one.closest("label") ?? one) : one;
        return { one, rect: box.getBoundingClientRect() };
      })
      .filter(({ rect, one }) => rect.width && rect.height && rect.bottom > 0 && rect.top < innerHeight && clip(rect, one, true));
    for (const { one, rect } of targets) {
      if (Math.min(rect.width, rect.height) >= LEAST_TARGET - 0.5) continue;
      /* Links and buttons in running text, such as the words of a line, are as high as the text. */
      if (getComputedStyle(one).display === "inline") continue;
      const [x, y] = [(rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2];
      const near = targets.some((other) => {
        if (other.one === one || other.one.contains(one) || one.contains(other.one)) return false;
        const dx = Math.max(other.rect.left - x, 0, x - other.rect.right);
        const dy = Math.max(other.rect.top - y, 0, y - other.rect.bottom);
        return Math.hypot(dx, dy) < LEAST_TARGET / 2;
      });
      if (near) tell("target", one, `is ${Math.round(rect.width)} x ${Math.round(rect.height)}`);
    }
  }
  return found;
}
