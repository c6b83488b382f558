// SPDX-License-Identifier: BSD-2-Clause
// Measures the report in a browser: what overlaps, what is cut off, what is not to scale, what cannot be read. The
// value is a list of findings, each "kind: what". PAGE is the height of a printed page, 0 on a screen.
((PAGE) => {
  const found = [];
  const say = (kind, node, more) => {
    const text = (node.textContent || node.tagName).trim().replace(/\s+/g, " ").slice(0, 60);
    found.push(`${kind}: <${node.tagName}> ${text}${more ? " " + more : ""}`);
  };
  const box = (node) => node.getBoundingClientRect();
  const inside = (inner, outer, slack) => inner.left >= outer.left - slack && inner.right <= outer.right + slack &&
    inner.top >= outer.top - slack && inner.bottom <= outer.bottom + slack;
  const meet = (a, b, slack) => a.left < b.right - slack && b.left < a.right - slack &&
    a.top < b.bottom - slack && b.top < a.bottom - slack;
  const drawings = [...document.querySelectorAll("svg.drawing")];

  // What a text really covers: the letters of a line, without the room that a font keeps above and below.
  const ink = (text) => {
    const area = box(text), size = parseFloat(getComputedStyle(text).fontSize);
    const spare = Math.max(0, area.height - size) / 2;
    return {left: area.left, right: area.right, top: area.top + spare, bottom: area.bottom - spare};
  };

  function cutOff() {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width) say("scrolls", document.documentElement);
    for (const node of document.querySelectorAll("main *, nav *")) {
      if (node.closest("svg") && node.tagName !== "svg") continue;
      const area = box(node);
      if (area.right > width + 0.5 || area.left < -0.5) say("outside", node);
      const style = getComputedStyle(node);
      if (style.overflowX !== "visible" && node.scrollWidth > node.clientWidth + 1) say("cut", node);
      if (node.scrollWidth > node.clientWidth + 1 && node.clientWidth && style.display !== "inline") say("cut", node);
    }
    for (const drawing of drawings) {
      const frame = box(drawing);
      if (Math.abs(frame.width - drawing.viewBox.baseVal.width) > 0.5) say("shrunk", drawing);
      for (const node of drawing.querySelectorAll("text, rect, line, polyline, circle, path"))
        if (!inside(box(node), frame, 1)) say("cut", node, `in ${drawing.id}`);
    }
  }

  function overlaps() {
    for (const drawing of drawings) {
      const texts = [...drawing.querySelectorAll("text")].map((node) => ({node, area: ink(node)}));
      const lines = [...drawing.querySelectorAll("polyline, line.stem, .joint, .mark, .wire")];
      texts.forEach((one, index) => {
        for (const other of texts.slice(index + 1))
          if (meet(one.area, other.area, 0.5))
            say("overlap", one.node, `and ${other.node.textContent} in ${drawing.id}`);
        for (const line of lines) if (crosses(line, one.area)) say("crossed", one.node, `in ${drawing.id}`);
      });
      boxesOf(drawing);
    }
    const blocks = [...document.querySelectorAll(
      "main :is(p, table, figure, dl, h1, h2, h3, .notes > li, .legend > li)")]
      .filter((node) => !node.closest("figure, .notes > li") || node.matches("figure, .notes > li"));
    const areas = blocks.map(box);
    blocks.forEach((one, index) => {
      for (let next = index + 1; next < blocks.length && next < index + 40; next++)
        if (!one.contains(blocks[next]) && meet(areas[index], areas[next], 1))
          say("overlap", one, `and ${blocks[next].tagName}`);
    });
    for (const list of document.querySelectorAll("dl")) {
      const items = [...list.querySelectorAll("dt, dd")].map((node) => ({node, area: box(node)}));
      items.forEach((one, index) => items.slice(index + 1).forEach((other) => {
        if (meet(one.area, other.area, 0.5)) say("overlap", one.node, `and ${other.node.textContent}`);
      }));
    }
  }

  // Whether a line's strokes run through an area.
  function crosses(node, area) {
    if (node.tagName !== "polyline" && node.tagName !== "line") return meet(box(node), area, 0.5);
    const matrix = node.getScreenCTM();
    const points = (node.tagName === "line" ? [[node.x1, node.y1], [node.x2, node.y2]].map((pair) => pair.map((value) =>
      value.baseVal.value)) : [...node.points].map((point) => [point.x, point.y]))
      .map(([x, y]) => ({x: matrix.a * x + matrix.e, y: matrix.d * y + matrix.f}));
    for (let index = 1; index < points.length; index++) {
      const [a, b] = [points[index - 1], points[index]];
      for (let step = 0; step <= 40; step++) {
        const x = a.x + (b.x - a.x) * step / 40, y = a.y + (b.y - a.y) * step / 40;
        if (x > area.left + 0.5 && x < area.right - 0.5 && y > area.top + 0.5 && y < area.bottom - 0.5) return true;
      }
    }
    return false;
  }

  // Boxes of one bar beside each other; texts that stand on a box inside of it.
  function boxesOf(drawing) {
    const boxes = [...drawing.querySelectorAll("rect.piece")].map((node) => ({node, area: box(node)}));
    boxes.forEach((one, index) => {
      for (const other of boxes.slice(index + 1)) {
        const nested = one.node.dataset.bytes && inside(other.area, one.area, 0.5) &&
          +other.node.dataset.base >= +one.node.dataset.base && +other.node.dataset.bytes <= +one.node.dataset.bytes;
        if (meet(one.area, other.area, 0.75) && !nested) say("overlap", one.node, `boxes in ${drawing.id}`);
      }
    });
    for (const text of drawing.querySelectorAll("text.inside")) {
      const host = text.parentNode.querySelector("rect.piece");
      if (!host || !inside(ink(text), box(host), 0.5)) say("not inside", text, `in ${drawing.id}`);
    }
  }

  // All that is not marked as too thin has one scale; what is marked is larger than to scale.
  function toScale() {
    for (const drawing of drawings) {
      const pieces = [...drawing.querySelectorAll("rect[data-bytes]")];
      const flat = drawing.id === "memory";
      const size = (node) => flat ? node.width.baseVal.value : node.height.baseVal.value;
      const exact = pieces.filter((node) => !node.dataset.thin);
      if (!exact.length) continue;
      const largest = exact.reduce((one, other) => +one.dataset.bytes >= +other.dataset.bytes ? one : other);
      const scale = size(largest) / +largest.dataset.bytes;
      const holds = (node) => pieces.filter((other) => other !== node && +other.dataset.base >= +node.dataset.base &&
        +other.dataset.base < +node.dataset.base + +node.dataset.bytes).length;
      for (const node of pieces) {
        const should = +node.dataset.bytes * scale;
        const wrong = node.dataset.inset ? size(node) < 2 : size(node) < should - 0.5 ||
          size(node) > 6 + 2 * holds(node);
        if (node.dataset.thin ? wrong : Math.abs(size(node) - should) > 1)
          say("scale", node, `${size(node)} for ${should} in ${drawing.id}: ${node.parentNode.textContent}`);
      }
      const ordered = pieces.map((node) => [+node.dataset.base, flat ? 0 : node.y.baseVal.value]);
      ordered.sort((one, other) => one[0] - other[0]);
      ordered.forEach(([, y], index) => {
        if (index && y < ordered[index - 1][1] - 0.01) say("order", pieces[index], `in ${drawing.id}`);
      });
    }
  }

  const channels = (color) => {
    const parts = (color.match(/[\d.]+/g) || []).map(Number);
    return parts.length > 3 ? parts : [...parts, 1];
  };
  const light = (color) => channels(color).slice(0, 3).map((value) => value / 255)
    .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const contrast = (one, other) => {
    const [a, b] = [light(one), light(other)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };

  // The colours below the middle of a text: of the last box that it stands on, with its pattern, or else of the page.
  function below(text) {
    const area = box(text), x = (area.left + area.right) / 2, y = (area.top + area.bottom) / 2;
    let colors = null;
    for (const node of text.closest("svg").querySelectorAll("rect")) {
      if (node.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_PRECEDING) break;
      const around = box(node);
      if (x < around.left || x > around.right || y < around.top || y > around.bottom) continue;
      const fill = getComputedStyle(node).fill, pattern = fill.match(/#(pattern-[\w-]+)/);
      if (pattern)
        (colors = colors || []).push(getComputedStyle(document.getElementById(pattern[1]).firstChild).stroke);
      else if (fill !== "none") colors = [fill];
    }
    return colors;
  }

  function readable() {
    const paper = (node) => {
      for (; node; node = node.parentElement) {
        const color = getComputedStyle(node).backgroundColor;
        if (channels(color)[3] > 0) return color;
      }
      return "rgb(255, 255, 255)";
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = walker.nextNode());) {
      const node = text.parentElement;
      if (!text.data.trim() || ["title", "desc"].includes(node.tagName) || !node.getClientRects().length) continue;
      const style = getComputedStyle(node), drawn = node.tagName === "text";
      const grounds = (drawn && below(node)) || [paper(node)];
      const least = Math.min(...grounds.map((ground) => contrast(drawn ? style.fill : style.color, ground)));
      if (least < 4.5) say("contrast", node, least.toFixed(2));
      if (parseFloat(style.fontSize) < 11) say("small", node, style.fontSize);
    }
  }

  // On paper nothing that must stay on one page is higher than a page.
  function printable() {
    for (const node of document.querySelectorAll("figure, tr, dl, .notes > li"))
      if (box(node).height > PAGE) say("page", node, `${box(node).height} of ${PAGE}`);
    if (contrast(getComputedStyle(document.body).color, "rgb(255, 255, 255)") < 7) say("print", document.body);
  }

  function accessible() {
    if (!document.documentElement.lang) say("access", document.documentElement, "no lang");
    for (const drawing of drawings) {
      const names = (drawing.getAttribute("aria-labelledby") || "").split(" ")
        .map((name) => document.getElementById(name));
      if (drawing.getAttribute("role") !== "img" || names.some((node) => !node || !node.textContent.trim()))
        say("access", drawing, "no name");
    }
    for (const table of document.querySelectorAll("table")) {
      const heads = [...table.tHead.rows[0].cells];
      if (!table.caption || heads.some((cell) => cell.tagName !== "TH" || cell.scope !== "col"))
        say("access", table, "no heads");
    }
    const names = [...document.querySelectorAll("[id]")].map((node) => node.id);
    if (new Set(names).size !== names.length) say("access", document.body, "an id twice");
    for (const link of document.querySelectorAll("a"))
      if (!document.getElementById(link.getAttribute("href").slice(1))) say("access", link, "leads nowhere");
  }

  cutOff();
  overlaps();
  toScale();
  readable();
  accessible();
  if (PAGE) printable();
  return found;
})
