// node_modules/preact/dist/preact.mjs
var n;
var t;
var r;
var u;
var i;
var f;
var o;
var e;
var l;
var c;
var a;
var s;
var h = /* @__PURE__ */ Symbol.for("pv");
var p = {};
var y = [];
var v = /^m(i|n|o|s|text|space)$/;
var w = Array.isArray;
var d = y.slice;
var _ = Object.assign;
function g(n3) {
  n3 && n3.parentNode && n3.remove();
}
function k(n3, t4, r4) {
  var u4, i4, f5, o5 = {}, e4 = arguments.length;
  for (f5 in t4) "key" == f5 ? u4 = t4[f5] : "ref" == f5 && "function" != typeof n3 ? i4 = t4[f5] : o5[f5] = t4[f5];
  return e4 > 2 && (o5.children = e4 > 3 ? d.call(arguments, 2) : r4), m(n3, o5, u4, i4, null);
}
function m(r4, u4, i4, f5, o5) {
  var e4 = { type: r4, props: u4, key: i4, ref: f5, __k: null, __: null, __b: 0, __e: null, __c: null, constructor: h, __v: o5 || ++t, __i: -1, __u: 0 };
  return !o5 && n.vnode && n.vnode(e4), e4;
}
function $(n3) {
  return n3.children;
}
function x(n3, t4) {
  this.props = n3, this.context = t4, this.__g = 0;
}
function S(n3, t4) {
  if (null == t4) return n3.__ && S(n3.__, n3.__i + 1);
  for (var r4; t4 < n3.__k.length; t4++) if ((r4 = n3.__k[t4]) && r4.__e) return r4.__e;
  return "function" != typeof n3.type || n3.props.__P ? null : S(n3);
}
function C(t4) {
  var r4, u4 = t4.__v, i4 = u4.__e, f5 = [], o5 = [], e4 = t4.__P;
  e4 && ((r4 = _({ constructor: h }, u4)).__v = u4.__v + 1, n.vnode && n.vnode(r4), z(e4, r4, u4, t4.__n, e4.namespaceURI, 32 & u4.__u ? [i4] : null, f5, i4 || S(u4), 32 & u4.__u, o5), r4.__v = u4.__v, r4.__.__k[r4.__i] = r4, E(f5, r4, o5), u4.__ = u4.__e = null, r4.__e != i4 && j(r4));
}
function j(n3) {
  if ((n3 = n3.__) && n3.__c && !n3.props.__P) return n3.__e = null, n3.__k.some(function(t4) {
    return t4 && (n3.__e = t4.__e);
  }), j(n3);
}
function L(t4) {
  (8 & t4.__g || (t4.__g |= 8, u.push(t4), f++)) && i == n.debounceRendering || ((i = n.debounceRendering) || queueMicrotask)(H);
}
function H() {
  try {
    for (var n3, t4 = 1; u.length; ) u.length > t4 && u.sort(o), n3 = u.shift(), t4 = u.length, 8 & n3.__g && C(n3);
  } finally {
    (f = u.length) && (i || queueMicrotask)(H);
  }
}
function I(n3, t4, r4, u4, i4, f5, o5, e4, l4, c4, a5) {
  var s4, h5, v4, w5, d5, _4, g5 = u4.__k || y, k4 = t4.length;
  for (l4 = q(r4, t4, g5, l4, k4), s4 = 0; s4 < k4; s4++) null != (v4 = r4.__k[s4]) && (h5 = ~v4.__i && g5[v4.__i] || p, v4.__i = s4, _4 = z(n3, v4, h5, i4, f5, o5, e4, l4, c4, a5), w5 = v4.__e, (h5.ref != v4.ref || 8 & h5.__u) && (h5.ref && G(h5.ref, null, v4, h5), v4.ref && a5.push(v4.ref, v4.__c || w5, v4)), d5 = d5 || w5, 4 & v4.__u ? (l4 = A(v4, l4, n3, !h5.__v), h5.__e && (h5.__e = null)) : "function" == typeof v4.type && void 0 !== _4 ? l4 = _4 : w5 && (l4 = w5.nextSibling), v4.__u &= -21);
  return r4.__e = d5, l4;
}
function q(n3, t4, r4, u4, i4) {
  var f5, o5, e4, l4, c4, a5, s4, p5, y5, v4 = r4.length, d5 = v4, _4 = 0, g5 = 0, k4 = n3.__k = Array(i4);
  for (f5 = 0; f5 < i4; f5++) null != (o5 = t4[f5]) && "boolean" != typeof o5 && "function" != typeof o5 ? ("object" != typeof o5 || o5.constructor === String ? o5 = k4[f5] = m(null, o5) : w(o5) ? o5 = k4[f5] = m($, { children: o5 }) : o5.constructor === h && o5.__b ? o5 = k4[f5] = m(o5.type, o5.props, o5.key, o5.ref, o5.__v) : k4[f5] = o5, l4 = f5 + _4, o5.__ = n3, o5.__b = n3.__b + 1, e4 = null, ~(c4 = o5.__i = P(o5, r4, l4, d5)) && (d5--, (e4 = r4[c4]) && (e4.__u |= 2)), e4 && e4.__v ? (o5.__u |= 16, c4 == l4 - 1 ? _4-- : c4 == l4 + 1 ? _4++ : c4 != l4 && (c4 > l4 ? _4-- : _4++, g5 = 1)) : (~c4 || (i4 > v4 ? _4-- : i4 < v4 && _4++), "function" != typeof o5.type && (o5.__u |= 4))) : k4[f5] = null;
  if (g5) {
    for (a5 = [], s4 = [], f5 = 0; f5 < i4; f5++) if ((o5 = k4[f5]) && 16 & o5.__u) {
      for (_4 = 0, p5 = a5.length; _4 < p5; ) a5[y5 = _4 + p5 >> 1] < o5.__i ? _4 = y5 + 1 : p5 = y5;
      a5[_4] = o5.__i, s4[f5] = _4 + 1;
    }
    for (_4 = a5.length; f5--; ) s4[f5] && (s4[f5] == _4 ? _4-- : k4[f5].__u |= 4);
  }
  if (d5) for (f5 = 0; f5 < v4; f5++) !(e4 = r4[f5]) || 2 & e4.__u || (e4.__e == u4 && (u4 = S(e4)), J(e4, e4));
  return u4;
}
function A(n3, t4, r4, u4) {
  var i4, f5, o5, e4;
  if ("function" == typeof n3.type) {
    if (n3.props.__P) return t4;
    if (i4 = n3.__k) for (f5 = 0; f5 < i4.length; f5++) i4[f5] && (i4[f5].__ = n3, t4 = A(i4[f5], t4, r4, false));
    return t4;
  }
  for (t4 && !t4.parentNode && (t4 = S(n3)) && !t4.parentNode && (t4 = null), o5 = n3.__e, e4 = t4; e4 && 8 == e4.nodeType; ) e4 = e4.nextSibling;
  for (o5 != e4 && (!u4 && r4.moveBefore && o5.parentNode ? r4.moveBefore(o5, t4) : r4.insertBefore(o5, t4 || null)), t4 = o5; (t4 = t4 && t4.nextSibling) && 8 == t4.nodeType && !t4.data.startsWith("$s"); ) ;
  return t4;
}
function P(n3, t4, r4, u4) {
  var i4, f5 = n3.key, o5 = n3.type, e4 = t4[r4], l4 = e4 && !(2 & e4.__u);
  if (null === e4 && null == f5 || l4 && f5 == e4.key && o5 == e4.type) return r4;
  if (u4 > (l4 ? 1 : 0)) {
    for (i4 = r4 - 1; i4 >= 0; i4--) if ((e4 = t4[i4]) && !(2 & e4.__u) && f5 == e4.key && o5 == e4.type) return i4;
    for (i4 = r4 + 1; i4 < t4.length; i4++) if ((e4 = t4[i4]) && !(2 & e4.__u) && f5 == e4.key && o5 == e4.type) return i4;
  }
  return -1;
}
function T(n3, t4, r4) {
  null == r4 && (r4 = ""), "-" == t4[0] ? n3.setProperty(t4, r4) : n3[t4] = r4;
}
function N(n3, t4, r4, u4, i4) {
  var f5, o5;
  if ("style" == t4) if ("string" == typeof r4) n3.style.cssText = r4;
  else {
    if ("string" == typeof u4 && (n3.style.cssText = u4 = ""), u4) for (t4 in u4) r4 && t4 in r4 || T(n3.style, t4);
    if (r4) for (t4 in r4) u4 && r4[t4] == u4[t4] || T(n3.style, t4, r4[t4]);
  }
  else if ("o" == t4[0] && "n" == t4[1]) "function" != typeof r4 && (r4 = null), "function" != typeof u4 && (u4 = null), (n3.__e || (n3.__e = {}))[t4] = r4, r4 && u4 || (o5 = a[t4] || (a[t4] = V(t4)), (n3.__a || (n3.__a = {}))[t4] = c, f5 = t4 != (t4 = t4.replace(l, "$1")), (t4 = t4.slice(2))[0] < "a" && (t4 = t4.toLowerCase()), r4 ? n3.addEventListener(t4, o5, f5) : n3.removeEventListener(t4, o5, f5));
  else {
    if ("http://www.w3.org/2000/svg" == i4) t4 = t4.replace(/xlink(H|:h)/, "h").replace(/sName$/, "s");
    else if ("width" != t4 && "height" != t4 && "href" != t4 && "list" != t4 && "form" != t4 && "tabIndex" != t4 && "download" != t4 && "rowSpan" != t4 && "colSpan" != t4 && "role" != t4 && "popover" != t4 && t4 in n3) try {
      return void (n3[t4] = null == r4 ? "" : r4);
    } catch (n4) {
    }
    if ("function" == typeof r4) return;
    null == r4 || false === r4 && "-" != t4[4] ? n3.removeAttribute(t4) : n3.setAttribute(t4, "popover" == t4 && 1 == r4 ? "" : r4);
  }
}
function V(t4) {
  return function(r4) {
    var u4 = this.__e;
    if (u4) {
      if (u4 = u4[t4], null == r4[e]) r4[e] = c++;
      else if (r4[e] < this.__a[t4]) return;
      return u4(n.event ? n.event(r4) : r4);
    }
  };
}
function z(t4, r4, u4, i4, f5, o5, e4, l4, c4, a5) {
  var s4, p5, v4, d5, k4, b3, m5, M2, C3, j3, L2, H2, q2, A4, O2, P3, T4, N2, V2 = r4.type;
  if (r4.constructor !== h) return null;
  128 & u4.__u && (c4 = 32 & u4.__u, s4 = u4.__c.__z) && (r4.__u |= c4, p5 = o5 = [], 8 == s4.nodeType ? l4 = B(s4, o5) : o5.push(s4), l4 = o5[0] || l4), (s4 = n.__b) && s4(r4);
  n: if ("function" == typeof V2) {
    v4 = e4.length;
    try {
      if (M2 = r4.props, C3 = (s4 = V2.prototype) && s4.render, j3 = (s4 = V2.contextType) && i4[s4.__c], L2 = s4 ? j3 ? j3.props.value : s4.__ : i4, (d5 = u4.__c) ? (r4.__c = d5, 2 & d5.__g && (d5.__g |= 1)) : (C3 ? r4.__c = d5 = new V2(M2, L2) : (r4.__c = d5 = new x(M2, L2), d5.constructor = V2, d5.render = K), j3 && j3.sub(d5), d5.state || (d5.state = {}), d5.__n = i4, d5.__g |= 8, d5.__h = [], d5.__k = []), C3 && (d5.__s || (d5.__s = d5.state), V2.getDerivedStateFromProps && (d5.__s == d5.state && (d5.__s = _({}, d5.__s)), _(d5.__s, V2.getDerivedStateFromProps(M2, d5.__s)))), k4 = d5.props, b3 = d5.state, d5.__v = r4, u4.__c) {
        if (M2 !== k4 && C3 && !V2.getDerivedStateFromProps && d5.componentWillReceiveProps && d5.componentWillReceiveProps(M2, L2), r4.__v == u4.__v && !(8 & d5.__g) || !(4 & d5.__g) && d5.shouldComponentUpdate && false === d5.shouldComponentUpdate(M2, d5.__s, L2)) {
          r4.__v != u4.__v && (d5.props = M2, d5.state = d5.__s, d5.__g &= -9), r4.__e = u4.__e, r4.__k = u4.__k, r4.__k.some(function(n3) {
            n3 && (n3.__ = r4);
          }), y.push.apply(d5.__h, d5.__k), d5.__k = [], d5.__h.length && e4.push(d5), l4 = S(u4);
          break n;
        }
        d5.componentWillUpdate && d5.componentWillUpdate(M2, d5.__s, L2), C3 && d5.componentDidUpdate && d5.__h.push(function() {
          d5.componentDidUpdate(k4, b3, m5);
        });
      } else C3 && !V2.getDerivedStateFromProps && d5.componentWillMount && d5.componentWillMount(), C3 && d5.componentDidMount && d5.__h.push(d5.componentDidMount);
      d5.context = L2, d5.props = M2, d5.__P = t4, d5.__g &= -5, H2 = n.__r, q2 = C3 ? 25 : 0;
      do {
        d5.__g &= -9, H2 && H2(r4), s4 = d5.render(d5.props, d5.state = d5.__s, d5.context);
      } while (8 & d5.__g && ++q2 < 25);
      C3 && (y.push.apply(d5.__h, d5.__k), d5.__k = []), d5.state = d5.__s, d5.getChildContext && (i4 = _({}, i4, d5.getChildContext())), C3 && u4.__c && d5.getSnapshotBeforeUpdate && (m5 = d5.getSnapshotBeforeUpdate(k4, b3)), A4 = s4 && s4.type === $ && null == s4.key ? s4.props.children : s4, M2.__P && (s4 = l4, f5 = (t4 = M2.__P).namespaceURI, c4 = o5 = null, u4.props && u4.props.__P != t4 && (u4.__k.some(function(n3) {
        n3 && J(n3, n3);
      }), u4.__k = null), l4 = u4.__k ? S(u4, 0) : null), l4 = I(t4, w(A4) ? A4 : [A4], r4, u4, i4, f5, o5, e4, l4, c4, a5), M2.__P && (r4.__e = null, l4 = s4), r4.__u &= -161, p5 && p5.some(g), d5.__h.length && e4.push(d5), 1 & d5.__g && (d5.__g &= -4);
    } catch (t5) {
      if (e4.length = v4, r4.__v = null, c4 || o5) if (t5 && t5.then) {
        if (r4.__u |= 128 | c4, o5) {
          for (~(T4 = o5.indexOf(l4 || void 0)) || (T4 = o5.length); (N2 = o5[T4 - 1]) && 8 == N2.nodeType; ) T4--;
          for (; T4 < o5.length; T4++) if (N2 = o5[T4]) if (o5[T4] = null, O2) {
            if (N2 == P3) break;
          } else {
            if (8 != N2.nodeType) break;
            N2.data.startsWith("$s") && (P3 = B(O2 = N2));
          }
        }
        if (!O2) {
          for (; l4 && 8 == l4.nodeType && l4.nextSibling; ) l4 = l4.nextSibling;
          O2 = l4;
        }
        (s4 = B(O2 = r4.__c.__z || (r4.__c.__z = O2))) ? (r4.__e = O2, l4 = s4) : r4.__e = l4, l4 = l4 && l4.nextSibling;
      } else o5 && o5.some(g);
      else r4.__e = u4.__e;
      r4.__k || (r4.__k = u4.__k || []), t5 && t5.then || D(r4), n.__e(t5, r4, u4);
    }
  } else l4 = r4.__e = F(u4.__e, r4, u4, i4, f5, o5, e4, c4, a5, t4);
  return (s4 = n.diffed) && s4(r4), l4;
}
function B(n3, t4) {
  if (n3 && 8 == n3.nodeType && n3.data.startsWith("$s")) for (var r4 = 1; n3 = n3.nextSibling; ) {
    if (8 == n3.nodeType) {
      if (n3.data.startsWith("$s")) r4++;
      else if (n3.data.startsWith("/$s") && !--r4) return n3;
    }
    t4 && t4.push(n3);
  }
}
function D(n3) {
  n3 && (n3.__c && (n3.__c.__g |= 4), n3.__k && n3.__k.some(D));
}
function E(t4, r4, u4) {
  for (var i4 = 0; i4 < u4.length; ) G(u4[i4++], u4[i4++], u4[i4++]);
  n.__c && n.__c(r4, t4), t4.some(function(r5) {
    try {
      t4 = r5.__h, r5.__h = [], t4.some(function(n3) {
        n3.call(r5);
      });
    } catch (t5) {
      n.__e(t5, r5.__v);
    }
  });
}
function F(t4, r4, u4, i4, f5, o5, e4, l4, c4, a5) {
  var s4, h5, y5, _4, k4, b3, m5, M2, $2 = u4.props || p, x3 = r4.props, C3 = r4.type;
  if ("svg" == C3 ? f5 = "http://www.w3.org/2000/svg" : "math" == C3 ? f5 = "http://www.w3.org/1998/Math/MathML" : f5 || (f5 = "http://www.w3.org/1999/xhtml"), o5) {
    for (s4 = 0; s4 < o5.length; s4++) if ((k4 = o5[s4]) && (C3 ? k4.localName == C3 : 3 == k4.nodeType)) {
      t4 = k4, o5[s4] = null;
      break;
    }
  }
  if (!t4) {
    if (M2 = a5.ownerDocument || document, !C3) return M2.createTextNode(x3);
    t4 = M2.createElementNS(f5, C3, x3.is ? x3 : a5), l4 && (n.__m && n.__m(r4, o5), l4 = false), o5 = null;
  }
  if (C3) {
    if (a5 = "template" == C3 && t4.content || t4, o5 = "textarea" == C3 && null != x3.defaultValue ? null : o5 && d.call(a5.childNodes), !l4 && o5) for ($2 = {}, s4 = 0; s4 < t4.attributes.length; s4++) $2[(k4 = t4.attributes[s4]).name] = k4.value;
    for (s4 in $2) k4 = $2[s4], "dangerouslySetInnerHTML" == s4 ? y5 = k4 : "children" == s4 || s4 in x3 || "value" == s4 && "defaultValue" in x3 || "checked" == s4 && "defaultChecked" in x3 || N(t4, s4, null, k4, f5);
    for (s4 in x3) k4 = x3[s4], "children" == s4 ? _4 = k4 : "dangerouslySetInnerHTML" == s4 ? h5 = k4 : "value" == s4 ? b3 = k4 : "checked" == s4 ? m5 = k4 : l4 && "function" != typeof k4 || $2[s4] === k4 || N(t4, s4, k4, $2[s4], f5);
    h5 ? (l4 || y5 && (h5.__html == y5.__html || h5.__html == t4.innerHTML) || (t4.innerHTML = h5.__html), r4.__k = []) : (y5 && (t4.textContent = ""), ("foreignObject" == C3 || "http://www.w3.org/1998/Math/MathML" == f5 && v.test(C3)) && (f5 = "http://www.w3.org/1999/xhtml"), I(a5, w(_4) ? _4 : [_4], r4, u4, i4, f5, o5, e4, o5 ? o5[0] : u4.__k && S(u4, 0), l4, c4), o5 && o5.some(g)), l4 && "textarea" != C3 || (s4 = "value", "progress" == C3 && null == b3 ? t4.removeAttribute(s4) : null == b3 || b3 === t4[s4] && ("progress" != C3 || b3) || N(t4, s4, b3, $2[s4], f5), s4 = "checked", null != m5 && m5 != t4[s4] && N(t4, s4, m5, $2[s4], f5));
  } else $2 === x3 || l4 && t4.data == x3 || (t4.data = x3);
  return t4;
}
function G(t4, r4, u4, i4) {
  try {
    "function" == typeof t4 ? r4 ? r4.__x = t4(r4) || 1 : i4 && (i4 = i4.__c || i4.__e) && (r4 = i4.__x) && (i4.__x = null, "function" == typeof r4 ? r4() : t4(null)) : t4.current = r4;
  } catch (t5) {
    n.__e(t5, u4);
  }
}
function J(t4, r4, u4) {
  var i4, f5, o5, e4;
  if (n.unmount && n.unmount(t4), !(i4 = t4.ref) || i4.current && i4.current != t4.__e || G(i4, null, r4, t4), i4 = t4.__c) {
    if (i4.componentWillUnmount) try {
      i4.componentWillUnmount();
    } catch (t5) {
      n.__e(t5, r4);
    }
    i4.__P = i4.__n = null;
  }
  if (i4 = t4.__k) for (e4 = 0; e4 < i4.length; e4++) i4[e4] && J(i4[e4], r4, "function" != typeof t4.type || u4 && !t4.props.__P);
  !u4 && (i4 = t4.__c) && (i4 = i4.__z) && (f5 = B(i4, o5 = [])) && (i4 == t4.__e && o5.some(g), g(f5), g(i4)), u4 || g(t4.__e), t4.__e = t4.__c = t4.__ = null;
}
function K(n3, t4, r4) {
  return this.constructor(n3, r4);
}
function Q(t4, r4) {
  var u4, i4, f5, o5;
  n.__ && n.__(t4, r4), 9 == r4.nodeType && (r4 = r4.documentElement), i4 = (u4 = t4 && 32 & t4.__u) ? null : r4.__k, r4.__k = m($, { children: [t4] }), f5 = [], o5 = [], z(r4, r4.__k, i4 || p, p, r4.namespaceURI, i4 ? null : r4.firstChild ? d.call(r4.childNodes) : null, f5, i4 ? i4.__e : r4.firstChild, u4, o5), E(f5, r4.__k, o5), r4.__k.props.children = null;
}
n = { __e: function(n3, t4, r4, u4) {
  for (var i4, o5, e4; t4 = t4.__; ) if ((i4 = t4.__c) && !(1 & i4.__g)) {
    i4.__g |= 4;
    try {
      if ((e4 = (o5 = i4.constructor) && o5.getDerivedStateFromError) && i4.setState(o5.getDerivedStateFromError(n3)), i4.componentDidCatch && (i4.componentDidCatch(n3, u4 || {}), e4 = 1), e4 && 8 & i4.__g) return void (i4.__g |= 2);
    } catch (t5) {
      n3 = t5;
    }
  }
  throw f = 0, n3;
} }, t = 0, r = function(n3) {
  return null != n3 && n3.constructor === h;
}, x.prototype.setState = function(n3, t4) {
  var r4 = this.__s;
  r4 && r4 != this.state || (r4 = this.__s = _({}, this.state)), "function" == typeof n3 && (n3 = n3(_({}, r4), this.props)), n3 && (_(r4, n3), this.__v && (t4 && this.__k.push(t4), L(this)));
}, x.prototype.forceUpdate = function(n3) {
  this.__v && (this.__g |= 4, n3 && this.__h.push(n3), L(this));
}, x.prototype.render = $, u = [], f = 0, o = function(n3, t4) {
  return n3.__v.__b - t4.__v.__b;
}, e = /* @__PURE__ */ Symbol(), l = /(PointerCapture)$|Capture$/i, c = 0, a = {}, s = 0;

// src/api.ts
var KEY = "rythmo.token";
var ApiError = class extends Error {
  constructor(message, hint, code, status) {
    super(message);
    this.hint = hint;
    this.code = code;
    this.status = status;
  }
  hint;
  code;
  status;
};
function adoptToken() {
  const found2 = /^#token=([^&]+)&?(.*)$/.exec(location.hash);
  if (!found2?.[1]) return;
  sessionStorage.setItem(KEY, decodeURIComponent(found2[1]));
  history.replaceState(null, "", `${location.pathname}#${found2[2] || "/"}`);
}
function authorised(headers = {}) {
  return { ...headers, Authorization: `Bearer ${sessionStorage.getItem(KEY) ?? ""}` };
}
async function call(method, path, body, more = {}) {
  const raw = body instanceof Blob;
  const headers = authorised(
    body === void 0 ? {} : { "Content-Type": raw ? "application/octet-stream" : "application/json" }
  );
  const content = body === void 0 ? null : raw ? body : JSON.stringify(body);
  let reply;
  try {
    reply = await fetch(`/api/v1${path}`, { method, headers, body: content, ...more });
  } catch (cause) {
    if (cause instanceof DOMException) throw cause;
    throw new ApiError("The Rythmo service does not answer.", "Start it again with: rythmo serve", "offline", 0);
  }
  if (!reply.ok) throw await errorOf(reply);
  return reply.status === 204 ? void 0 : await reply.json();
}
async function errorOf(reply) {
  const said = await reply.json().catch(() => null);
  const { message, hint, code } = said?.error ?? {};
  return new ApiError(
    message ?? `The service answered ${reply.status}.`,
    hint ?? "Look at the window in which rythmo serve runs.",
    code ?? String(reply.status),
    reply.status
  );
}
var get = (path, more) => call("GET", path, void 0, more);
var post = (path, body = {}) => call("POST", path, body);
var patch = (path, body, more) => call("PATCH", path, body, more);
var put = (path, body) => call("PUT", path, body);
var remove = (path) => call("DELETE", path);
async function bytes(path, from, to, signal) {
  const reply = await fetch(path, { headers: authorised({ Range: `bytes=${from}-${to - 1}` }), signal });
  if (reply.status === 416) return new ArrayBuffer(0);
  if (!reply.ok) throw await errorOf(reply);
  const data = await reply.arrayBuffer();
  return reply.status === 206 ? data : data.slice(from, to);
}

// node_modules/preact/hooks/dist/hooks.mjs
var t2;
var r2;
var u2;
var i2;
var o2 = Object.is;
var f2 = 0;
var c2 = [];
var e2 = [];
var a2 = n;
var v2 = a2.__b;
var l2 = a2.__r;
var m2 = a2.diffed;
var h2 = a2.__c;
var s2 = a2.unmount;
var p2 = a2.__;
function y2(n3, t4) {
  a2.__h && a2.__h(r2, n3, f2 || t4), f2 = 0;
  var u4 = r2.__H || (r2.__H = { __: [], __h: [] });
  return n3 >= u4.__.length && u4.__.push({}), u4.__[n3];
}
function d2(n3) {
  return f2 = 1, _2(G2, n3);
}
function _2(n3, u4, i4) {
  var f5 = y2(t2++, 2);
  if (f5.t = n3, !f5.__c && (f5.__ = [i4 ? i4(u4) : G2(void 0, u4), function(n4) {
    var t4 = (f5.__N || f5.__)[0], r4 = f5.t(t4, n4);
    o2(t4, r4) || (f5.__N = [r4, f5.__[1]], f5.__c.setState({}));
  }], f5.__c = r2, !r2.__f)) {
    r2.__f = true;
    var c4 = r2.shouldComponentUpdate;
    r2.shouldComponentUpdate = function(n4, t4, r4) {
      var u5 = this.__H;
      if (!u5) return true;
      var i5 = false, f6 = this.props != n4;
      if (u5.__.some(function(n5) {
        n5.__N && (i5 = true, o2(n5.__[0], n5.__N[0]) || (f6 = true));
      }), c4) {
        var e4 = c4.call(this, n4, t4, r4);
        return i5 ? e4 || f6 : e4;
      }
      return !i5 || f6;
    };
  }
  return f5.__;
}
function A2(n3, u4) {
  var i4 = y2(t2++, 3);
  !a2.__s && E2(i4.__H, u4) && (i4.__P = true, i4.__ = n3, i4.u = u4, r2.__H.__h.push(i4));
}
function T2(n3) {
  return f2 = 5, w2(function() {
    return { current: n3 };
  }, []);
}
function w2(n3, r4) {
  var u4 = y2(t2++, 7);
  return E2(u4.__H, r4) && (u4.__ = n3(), u4.__H = r4), u4.__;
}
function P2() {
  var n3 = y2(t2++, 11);
  if (!n3.__) {
    for (var u4 = r2.__v; !u4.__m && u4.__; ) u4 = u4.__;
    var i4 = u4.__m || (u4.__m = [0, 0]);
    n3.__ = "P" + i4[0] + "-" + i4[1]++;
  }
  return n3.__;
}
function g2() {
  var n3;
  do {
    for (; n3 = e2.shift(); ) try {
      C2(n3);
    } catch (t5) {
      a2.__e(t5, { __: (n3 = n3.__P) && n3.__v });
    }
    for (; n3 = c2.shift(); ) {
      var t4 = n3.__H;
      if (n3.__P && t4) try {
        t4.__h.some(C2), t4.__h.some(D2), t4.__h = [];
      } catch (r4) {
        t4.__h = [], a2.__e(r4, n3.__v);
      }
    }
  } while (e2.length);
}
a2.__b = function(n3) {
  r2 = null, v2 && v2(n3);
}, a2.__ = function(n3, t4) {
  n3 && t4.__k && t4.__k.__m && (n3.__m = t4.__k.__m), p2 && p2(n3, t4);
}, a2.__r = function(n3) {
  l2 && l2(n3), t2 = 0;
  var i4 = (r2 = n3.__c).__H;
  i4 && (u2 == r2 ? r2.__h = [] : (i4.__h.some(C2), i4.__h.some(D2), t2 = 0), i4.__h = [], i4.__.some(function(n4) {
    n4.__N && (n4.__ = n4.__N), n4.u = n4.__N = void 0;
  })), u2 = r2;
}, a2.diffed = function(n3) {
  m2 && m2(n3);
  var t4 = n3.__c;
  t4 && t4.__H && (t4.__H.__h.length && B2(c2.push(t4)), t4.__H.__.some(function(n4) {
    n4.u && (n4.__H = n4.u);
  })), u2 = r2 = null;
}, a2.__c = function(n3, t4) {
  t4.some(function(n4) {
    try {
      n4.__h.some(C2), n4.__h = n4.__h.filter(function(n5) {
        return !n5.__ || D2(n5);
      });
    } catch (t5) {
      n4.__h = [function() {
        throw t5;
      }];
    }
  }), h2 && h2(n3, t4);
}, a2.unmount = function(n3) {
  s2 && s2(n3);
  var t4, r4, u4 = n3.__c;
  u4 && u4.__H && (u4.__H.__.some(function(u5) {
    try {
      if (u5.__P && u5.__c) {
        if (void 0 === r4) {
          for (r4 = n3.__; r4 && (!r4.__c || !r4.__c.__P); ) r4 = r4.__;
          r4 = r4 && r4.__c;
        }
        u5.__P = r4, B2(e2.push(u5));
      } else C2(u5);
    } catch (n4) {
      t4 = n4;
    }
  }), u4.__H = void 0, t4 && a2.__e(t4, u4.__v));
};
var k2 = "function" == typeof requestAnimationFrame;
function z2(n3) {
  var t4, r4 = function() {
    clearTimeout(u4), k2 && cancelAnimationFrame(t4), setTimeout(n3);
  }, u4 = setTimeout(r4, 35);
  k2 && (t4 = requestAnimationFrame(r4));
}
function B2(n3) {
  1 != n3 && i2 == a2.requestAnimationFrame || ((i2 = a2.requestAnimationFrame) || z2)(g2);
}
function C2(n3) {
  var t4 = r2, u4 = n3.__c;
  "function" == typeof u4 && (n3.__c = void 0, u4()), r2 = t4;
}
function D2(n3) {
  var t4 = r2;
  n3.__c = n3.__(), r2 = t4;
}
function E2(n3, t4) {
  return !n3 || n3.length != t4.length || t4.some(function(t5, r4) {
    return !o2(t5, n3[r4]);
  });
}
function G2(n3, t4) {
  return "function" == typeof t4 ? t4(n3) : t4;
}

// node_modules/@preact/signals-core/dist/signals-core.module.js
var i3 = /* @__PURE__ */ Symbol.for("preact-signals");
function t3() {
  if (!(v3 > 1)) {
    var i4, t4 = false;
    !(function() {
      var i5 = c3;
      c3 = void 0;
      while (void 0 !== i5) {
        var t5 = i5.S;
        if (t5.v === i5.v) {
          for (var r5 = t5.t; void 0 !== r5; r5 = r5.x) if (r5.i === i5.i) r5.i = t5.i;
        }
        i5 = i5.o;
      }
    })();
    while (void 0 !== h3) {
      var r4 = h3;
      h3 = void 0;
      s3++;
      while (void 0 !== r4) {
        var n3 = r4.u;
        r4.u = void 0;
        r4.f &= -3;
        if (!(8 & r4.f) && w3(r4)) try {
          r4.c();
        } catch (r5) {
          if (!t4) {
            i4 = r5;
            t4 = true;
          }
        }
        r4 = n3;
      }
    }
    s3 = 0;
    v3--;
    if (t4) throw i4;
  } else v3--;
}
function r3(i4) {
  if (v3 > 0) return i4();
  u3 = ++e3;
  v3++;
  try {
    return i4();
  } finally {
    t3();
  }
}
var n2;
var o3 = void 0;
function f3(i4) {
  var t4 = o3, r4 = n2;
  o3 = void 0;
  n2 = void 0;
  try {
    return i4();
  } finally {
    o3 = t4;
    n2 = r4;
  }
}
var h3 = void 0;
var v3 = 0;
var s3 = 0;
var e3 = 0;
var u3 = 0;
var c3 = void 0;
var a3 = 0;
function d3(i4) {
  if (void 0 !== o3) {
    var t4 = i4.n;
    if (void 0 === t4 || t4.t !== o3) {
      t4 = { i: 0, S: i4, p: o3.s, n: void 0, t: o3, e: void 0, x: void 0, r: t4 };
      if (void 0 !== o3.s) o3.s.n = t4;
      o3.s = t4;
      i4.n = t4;
      if (32 & o3.f) i4.S(t4);
      return t4;
    } else if (-1 === t4.i) {
      t4.i = 0;
      if (void 0 !== t4.n) {
        t4.n.p = t4.p;
        if (void 0 !== t4.p) t4.p.n = t4.n;
        t4.p = o3.s;
        t4.n = void 0;
        o3.s.n = t4;
        o3.s = t4;
      }
      return t4;
    }
  }
}
function l3(i4, t4) {
  this.v = i4;
  this.i = 0;
  this.n = void 0;
  this.t = void 0;
  this.l = 0;
  this.W = null == t4 ? void 0 : t4.watched;
  this.Z = null == t4 ? void 0 : t4.unwatched;
  this.name = null == t4 ? void 0 : t4.name;
}
l3.prototype.brand = i3;
l3.prototype.h = function() {
  return true;
};
l3.prototype.S = function(i4) {
  var t4 = this, r4 = this.t;
  if (r4 !== i4 && void 0 === i4.e) {
    i4.x = r4;
    this.t = i4;
    if (void 0 !== r4) r4.e = i4;
    else f3(function() {
      var i5;
      null == (i5 = t4.W) || i5.call(t4);
    });
  }
};
l3.prototype.U = function(i4) {
  var t4 = this;
  if (void 0 !== this.t) {
    var r4 = i4.e, n3 = i4.x;
    if (void 0 !== r4) {
      r4.x = n3;
      i4.e = void 0;
    }
    if (void 0 !== n3) {
      n3.e = r4;
      i4.x = void 0;
    }
    if (i4 === this.t) {
      this.t = n3;
      if (void 0 === n3) f3(function() {
        var i5;
        null == (i5 = t4.Z) || i5.call(t4);
      });
    }
  }
};
l3.prototype.subscribe = function(i4) {
  var t4 = this;
  return x2(function() {
    var r4 = t4.value;
    f3(function() {
      return i4(r4);
    });
  }, { name: "sub" });
};
l3.prototype.valueOf = function() {
  return this.value;
};
l3.prototype.toString = function() {
  return this.value + "";
};
l3.prototype.toJSON = function() {
  return this.value;
};
l3.prototype.peek = function() {
  var i4 = this;
  return f3(function() {
    return i4.value;
  });
};
Object.defineProperty(l3.prototype, "value", { get: function() {
  var i4 = d3(this);
  if (void 0 !== i4) i4.i = this.i;
  return this.v;
}, set: function(i4) {
  if (i4 !== this.v) {
    if (s3 > 100) throw new Error("Cycle detected");
    !(function(i5) {
      if (0 !== v3 && 0 === s3) {
        if (i5.l !== u3) {
          i5.l = u3;
          c3 = { S: i5, v: i5.v, i: i5.i, o: c3 };
        }
      }
    })(this);
    this.v = i4;
    this.i++;
    a3++;
    v3++;
    try {
      for (var r4 = this.t; void 0 !== r4; r4 = r4.x) r4.t.N();
    } finally {
      t3();
    }
  }
} });
function y3(i4, t4) {
  return new l3(i4, t4);
}
function w3(i4) {
  for (var t4 = i4.s; void 0 !== t4; t4 = t4.n) if (t4.S.i !== t4.i || !t4.S.h() || t4.S.i !== t4.i) return true;
  return false;
}
function b(i4) {
  for (var t4 = i4.s; void 0 !== t4; t4 = t4.n) {
    var r4 = t4.S.n;
    if (void 0 !== r4) t4.r = r4;
    t4.S.n = t4;
    t4.i = -1;
    if (void 0 === t4.n) {
      i4.s = t4;
      break;
    }
  }
}
function _3(i4) {
  var t4 = i4.s, r4 = void 0;
  while (void 0 !== t4) {
    var n3 = t4.p;
    if (-1 === t4.i) {
      t4.S.U(t4);
      if (void 0 !== n3) n3.n = t4.n;
      if (void 0 !== t4.n) t4.n.p = n3;
    } else r4 = t4;
    t4.S.n = t4.r;
    if (void 0 !== t4.r) t4.r = void 0;
    t4 = n3;
  }
  i4.s = r4;
}
function j2(i4, t4) {
  l3.call(this, void 0, t4);
  this.x = i4;
  this.s = void 0;
  this.g = a3 - 1;
  this.f = 4;
}
j2.prototype = new l3();
j2.prototype.h = function() {
  this.f &= -3;
  if (1 & this.f) return false;
  if (32 == (36 & this.f)) return true;
  this.f &= -5;
  if (this.g === a3) return true;
  this.g = a3;
  this.f |= 1;
  if (this.i > 0 && !w3(this)) {
    this.f &= -2;
    return true;
  }
  var i4 = o3;
  try {
    b(this);
    o3 = this;
    var t4 = this.x();
    if (16 & this.f || this.v !== t4 || 0 === this.i) {
      this.v = t4;
      this.f &= -17;
      this.i++;
    }
  } catch (i5) {
    this.v = i5;
    this.f |= 16;
    this.i++;
  }
  o3 = i4;
  _3(this);
  this.f &= -2;
  return true;
};
j2.prototype.S = function(i4) {
  if (void 0 === this.t) {
    this.f |= 36;
    for (var t4 = this.s; void 0 !== t4; t4 = t4.n) t4.S.S(t4);
  }
  l3.prototype.S.call(this, i4);
};
j2.prototype.U = function(i4) {
  if (void 0 !== this.t) {
    l3.prototype.U.call(this, i4);
    if (void 0 === this.t) {
      this.f &= -33;
      for (var t4 = this.s; void 0 !== t4; t4 = t4.n) t4.S.U(t4);
    }
  }
};
j2.prototype.N = function() {
  if (!(2 & this.f)) {
    this.f |= 6;
    for (var i4 = this.t; void 0 !== i4; i4 = i4.x) i4.t.N();
  }
};
Object.defineProperty(j2.prototype, "value", { get: function() {
  if (1 & this.f) throw new Error("Cycle detected");
  var i4 = d3(this);
  this.h();
  if (void 0 !== i4) i4.i = this.i;
  if (16 & this.f) throw this.v;
  return this.v;
} });
function O(i4, t4) {
  return new j2(i4, t4);
}
function p3(i4) {
  var r4 = i4.j;
  i4.j = void 0;
  if ("function" == typeof r4) {
    v3++;
    var n3 = o3;
    o3 = void 0;
    try {
      r4();
    } catch (t4) {
      i4.f &= -2;
      i4.f |= 8;
      g3(i4);
      throw t4;
    } finally {
      o3 = n3;
      t3();
    }
  }
}
function g3(i4) {
  for (var t4 = i4.s; void 0 !== t4; t4 = t4.n) t4.S.U(t4);
  i4.x = void 0;
  i4.s = void 0;
  p3(i4);
}
function S2(i4) {
  if (o3 !== this) throw new Error("Out-of-order effect");
  _3(this);
  o3 = i4;
  this.f &= -2;
  try {
    if (8 & this.f) g3(this);
  } finally {
    t3();
  }
}
function m3(i4, t4) {
  this.x = i4;
  this.j = void 0;
  this.s = void 0;
  this.u = void 0;
  this.f = 32;
  this.name = null == t4 ? void 0 : t4.name;
  if (n2) n2.push(this);
}
m3.prototype.c = function() {
  var i4 = this.S();
  try {
    if (8 & this.f) return;
    if (void 0 === this.x) return;
    var t4 = this.x();
    if ("function" == typeof t4) this.j = t4;
  } finally {
    i4();
  }
};
m3.prototype.S = function() {
  if (1 & this.f) throw new Error("Cycle detected");
  this.f |= 1;
  this.f &= -9;
  p3(this);
  b(this);
  v3++;
  var i4 = o3;
  o3 = this;
  return S2.bind(this, i4);
};
m3.prototype.N = function() {
  if (!(2 & this.f)) {
    this.f |= 2;
    this.u = h3;
    h3 = this;
  }
};
m3.prototype.d = function() {
  this.f |= 8;
  if (!(1 & this.f)) g3(this);
};
m3.prototype.dispose = function() {
  this.d();
};
function x2(i4, t4) {
  var r4 = new m3(i4, t4);
  try {
    r4.c();
  } catch (i5) {
    r4.d();
    throw i5;
  }
  var n3 = r4.d.bind(r4);
  n3[Symbol.dispose] = n3;
  return n3;
}

// node_modules/@preact/signals/dist/signals.module.js
var h4;
var d4;
var p4;
var m4 = "undefined" != typeof window && !!window.__PREACT_SIGNALS_DEVTOOLS__;
var g4 = [];
x2(function() {
  h4 = this.N;
})();
function b2(i4, n3) {
  n[i4] = n3.bind(null, n[i4] || function() {
  });
}
function y4(i4) {
  if (p4) {
    var n3 = p4;
    p4 = void 0;
    n3();
  }
  p4 = i4 && i4.S();
}
function w4(i4) {
  var n3 = this, r4 = i4.data, t4 = useSignal(r4);
  t4.name = "ReactiveDom";
  t4.value = r4;
  var e4 = w2(function() {
    var i5 = n3, r5 = n3.__v;
    while (r5 = r5.__) if (r5.__c) {
      r5.__c.__$f |= 4;
      break;
    }
    var o5 = O(function() {
      var i6 = t4.value.value;
      return 0 === i6 ? 0 : true === i6 ? "" : i6 || "";
    }), e5 = O(function() {
      return !Array.isArray(o5.value) && !r(o5.value);
    }), u5 = x2(function() {
      this.N = M;
      if (e5.value) {
        var n4 = o5.value;
        if (i5.__v && i5.__v.__e && 3 === i5.__v.__e.nodeType) i5.__v.__e.data = n4;
      }
    }), c5 = n3.__$u.d;
    n3.__$u.d = function() {
      u5();
      c5.call(this);
    };
    return [e5, o5];
  }, []), u4 = e4[0], c4 = e4[1];
  return u4.value ? c4.peek() : c4.value;
}
w4.displayName = "ReactiveTextNode";
Object.defineProperties(l3.prototype, { constructor: { configurable: true, value: k($, null).constructor }, type: { configurable: true, value: w4 }, props: { configurable: true, get: function() {
  var i4 = this;
  return { data: { get value() {
    return i4.value;
  } } };
} }, __b: { configurable: true, value: 1 } });
b2("__b", function(i4, n3) {
  y4();
  d4 = void 0;
  if ("string" == typeof n3.type) {
    var r4, t4 = n3.props;
    for (var f5 in t4) if ("children" !== f5) {
      var o5 = t4[f5];
      if (o5 instanceof l3) {
        if (!r4) n3.__np = r4 = {};
        r4[f5] = o5;
        t4[f5] = o5.peek();
      }
    }
  }
  i4(n3);
});
b2("__r", function(i4, r4) {
  i4(r4);
  if (r4.type !== $) {
    y4();
    var t4, f5 = r4.__c;
    if (f5) {
      f5.__$f &= -2;
      if (void 0 === (t4 = f5.__$u)) f5.__$u = t4 = (function(i5, n3) {
        var r5;
        x2(function() {
          r5 = this;
        }, { name: n3 });
        r5.c = i5;
        return r5;
      })(/* @__PURE__ */ (function(i5) {
        return function() {
          var n3;
          if (m4) null == (n3 = this.y) || n3.call(this);
          i5.__$f |= 1;
          i5.setState({});
        };
      })(f5), "function" == typeof r4.type ? r4.type.displayName || r4.type.name : "");
    }
    d4 = f5;
    y4(t4);
  }
});
b2("__e", function(i4, n3, r4, t4) {
  y4();
  d4 = void 0;
  i4(n3, r4, t4);
});
b2("diffed", function(i4, n3) {
  y4();
  d4 = void 0;
  var r4;
  if ("string" == typeof n3.type && (r4 = n3.__e)) {
    var t4 = n3.__np, f5 = n3.props, o5 = r4.U;
    if (o5) for (var e4 in o5) {
      var u4 = o5[e4];
      if (!(void 0 === u4 || t4 && e4 in t4)) {
        u4.d();
        o5[e4] = void 0;
      }
    }
    if (t4) {
      if (!o5) {
        o5 = {};
        r4.U = o5;
      }
      for (var a5 in t4) {
        var c4 = o5[a5], v4 = t4[a5];
        if (void 0 === c4) {
          c4 = k3(r4, a5, v4, f5);
          o5[a5] = c4;
        } else c4.o(v4, f5);
      }
    }
  }
  i4(n3);
});
function k3(i4, n3, r4, t4) {
  var f5 = n3 in i4 && void 0 === i4.ownerSVGElement, o5 = y3(r4);
  return { o: function(i5, n4) {
    o5.value = i5;
    t4 = n4;
  }, d: x2(function() {
    this.N = M;
    var r5 = o5.value.value;
    if (t4[n3] !== r5) {
      t4[n3] = r5;
      if (f5) i4[n3] = r5;
      else if (null != r5 && (false !== r5 || "-" === n3[4])) i4.setAttribute(n3, r5);
      else i4.removeAttribute(n3);
    }
  }) };
}
b2("unmount", function(i4, n3) {
  if ("string" == typeof n3.type) {
    var r4 = n3.__e;
    if (r4) {
      var t4 = r4.U;
      if (t4) {
        r4.U = void 0;
        for (var f5 in t4) {
          var o5 = t4[f5];
          if (o5) o5.d();
        }
      }
    }
    var e4 = n3.__np;
    if (e4) {
      var u4 = n3.props;
      for (var a5 in e4) u4[a5] = e4[a5];
    }
    n3.__np = void 0;
  } else {
    var c4 = n3.__c;
    if (c4) {
      c4.__$f |= 8;
      var v4 = c4.__$u;
      if (v4) {
        c4.__$u = void 0;
        v4.d();
      }
    }
  }
  i4(n3);
});
b2("__h", function(i4, n3, r4, t4) {
  if (t4 < 3) n3.__$f |= 2;
  i4(n3, r4, t4);
});
x.prototype.shouldComponentUpdate = function(i4, n3) {
  if (this.__R) return true;
  var r4 = this.__$u, t4 = r4 && void 0 !== r4.s;
  for (var f5 in n3) return true;
  if (this.__f || "boolean" == typeof this.u && true === this.u) {
    var o5 = 2 & this.__$f;
    if (!(t4 || o5 || 4 & this.__$f)) return true;
    if (1 & this.__$f) return true;
  } else {
    if (!(t4 || 4 & this.__$f)) return true;
    if (3 & this.__$f) return true;
  }
  for (var e4 in i4) if ("__source" !== e4 && i4[e4] !== this.props[e4]) return true;
  for (var u4 in this.props) if (!(u4 in i4)) return true;
  return false;
};
function useSignal(i4, n3) {
  return w2(function() {
    return y3(i4, n3);
  }, []);
}
var A3 = function(i4) {
  queueMicrotask(function() {
    queueMicrotask(i4);
  });
};
function F2() {
  r3(function() {
    var i4;
    while (i4 = g4.shift()) h4.call(i4);
  });
}
function M() {
  if (1 === g4.push(this)) (n.requestAnimationFrame || A3)(F2);
}

// src/events.ts
var listeners = /* @__PURE__ */ new Set();
var last = null;
function onEvent(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
function tell(event) {
  if (event.id) last = event.id;
  for (const listener of [...listeners]) listener(event);
}
async function follow(connected2) {
  let failures = 0;
  for (; ; ) {
    try {
      await stream(() => {
        failures = 0;
        connected2(true);
      });
    } catch {
      failures += 1;
    }
    if (failures > 2) connected2(await poll());
    await pause(Math.min(500 * 2 ** failures, 5e3));
  }
}
var pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
async function stream(opened) {
  const headers = authorised({ Accept: "text/event-stream" });
  if (last !== null) headers["Last-Event-ID"] = String(last);
  const reply = await fetch("/api/v1/events", { headers });
  if (!reply.ok || !reply.body) throw new Error(String(reply.status));
  opened();
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value.replaceAll("\r\n", "\n")).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event) tell(event);
    }
  }
}
function parseBlock(block) {
  const fields = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, "");
    fields[name] = name in fields ? `${fields[name]}
${value}` : value;
  }
  if (!fields.data) return null;
  return { id: Number(fields.id ?? 0), type: fields.event ?? "message", data: JSON.parse(fields.data) };
}
async function poll() {
  try {
    const reply = await get(
      `/events?after=${last ?? 0}&poll=1`
    );
    reply.events.forEach(tell);
    last = reply.last;
    return true;
  } catch {
    return false;
  }
}

// src/app.ts
var connected = y3(true);
var tokenRefused = y3(false);
var jobs = y3(/* @__PURE__ */ new Map());
var messages = y3([]);
var counted = 0;
function say(text, hint = "") {
  add("said", text, hint, 6e3);
}
function complain(problem) {
  if (problem instanceof ApiError) {
    if (problem.status === 401) {
      tokenRefused.value = true;
      return;
    }
    add("wrong", problem.message, problem.hint, 0);
  } else if (!(problem instanceof DOMException && problem.name === "AbortError")) {
    add("wrong", "The page itself failed at this.", String(problem), 0);
    throw problem;
  }
}
function add(kind2, text, hint, milliseconds) {
  if (messages.value.some((message) => message.text === text && message.hint === hint)) return;
  const id = ++counted;
  messages.value = [...messages.value, { id, kind: kind2, text, hint }];
  if (milliseconds) setTimeout(() => dismiss(id), milliseconds);
}
function dismiss(id) {
  messages.value = messages.value.filter((message) => message.id !== id);
}
function keepJob(job) {
  jobs.value = new Map(jobs.value).set(job.id, job);
}
async function loadJobs() {
  const list = await get("/jobs");
  jobs.value = new Map(list.map((job) => [job.id, job]));
}
onEvent((event) => {
  if (event.type === "job") keepJob(event.data);
});
var active = (job) => job.state === "running" || job.state === "queued" || job.state === "paused";
var activeJobs = O(
  () => [...jobs.value.values()].filter(active).sort((a5, b3) => a5.created - b3.created)
);

// src/route.ts
var hash = y3(location.hash);
addEventListener("hashchange", () => {
  hash.value = location.hash;
});
function refreshRoute() {
  hash.value = location.hash;
}
var route = O(() => parseRoute(hash.value));
function parseRoute(text) {
  const [view2 = "", id = "", tab = ""] = text.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  if (view2 === "new") return { view: view2, source: id };
  if (view2 === "setup") return { view: view2 };
  if (view2 === "job" && id) return { view: view2, id };
  if (view2 === "project" && id) {
    return { view: view2, id, tab: tab === "quality" || tab === "deliver" ? tab : "script" };
  }
  return { view: "home" };
}
function href(to) {
  if (to.view === "home") return "#/";
  if (to.view === "new") return `#/new/${encodeURIComponent(to.source)}`;
  if (to.view === "setup") return "#/setup";
  if (to.view === "job") return `#/job/${encodeURIComponent(to.id)}`;
  return `#/project/${encodeURIComponent(to.id)}/${to.tab}`;
}
function go(to) {
  location.hash = href(to);
}

// src/time.ts
function clockOf(programme) {
  const [top2 = 25, bottom = 1] = (programme.frame_rate ?? "25/1").split("/").map(Number);
  return {
    sampleRate: programme.sample_rate,
    rate: [top2, bottom],
    startFrame: programme.start_frame,
    drop: programme.drop
  };
}
function samplesPerFrame(clock2) {
  return clock2.sampleRate * clock2.rate[1] / clock2.rate[0];
}
function frameAt(clock2, samples) {
  return Math.floor(samples * clock2.rate[0] / (clock2.rate[1] * clock2.sampleRate) + 1e-6);
}
function samplesAt(clock2, frame) {
  return Math.ceil(frame * samplesPerFrame(clock2) - 1e-6);
}
var pad = (value) => String(value).padStart(2, "0");
function timecode(clock2, samples) {
  const nominal = Math.round(clock2.rate[0] / clock2.rate[1]);
  let frame = frameAt(clock2, samples) + clock2.startFrame;
  if (clock2.drop) frame += droppedBefore(frame, nominal);
  const seconds3 = Math.floor(frame / nominal);
  const clockwork = [Math.floor(seconds3 / 3600), Math.floor(seconds3 / 60) % 60, seconds3 % 60].map(pad).join(":");
  return `${clockwork}${clock2.drop ? ";" : ":"}${pad(frame % nominal)}`;
}
function droppedBefore(frame, nominal) {
  const skip = nominal / 15;
  const minute = nominal * 60 - skip;
  const tens = minute * 10 + skip;
  const rest = frame % tens;
  const minutes = rest < nominal * 60 ? 0 : 1 + Math.floor((rest - nominal * 60) / minute);
  return skip * (9 * Math.floor(frame / tens) + minutes);
}
function parseTimecode(clock2, text) {
  const parts2 = text.trim().split(/[:;.]/);
  if (!parts2.length || parts2.length > 4 || parts2.some((part) => !/^\d{1,3}$/.test(part))) return null;
  const [frames2 = 0, seconds3 = 0, minutes = 0, hours = 0] = parts2.reverse().map(Number);
  const nominal = Math.round(clock2.rate[0] / clock2.rate[1]);
  if (frames2 >= nominal || seconds3 > 59 || minutes > 59) return null;
  let frame = (hours * 3600 + minutes * 60 + seconds3) * nominal + frames2;
  if (clock2.drop) {
    const total = hours * 60 + minutes;
    frame -= nominal / 15 * (total - Math.floor(total / 10));
  }
  return samplesAt(clock2, frame - clock2.startFrame);
}
function seconds(clock2, samples) {
  return `${(samples / clock2.sampleRate).toFixed(1)} s`;
}
function runningTime(total) {
  const whole = Math.round(total);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}
function remaining(left) {
  if (left < 10) return "a few seconds";
  if (left < 90) return `${Math.round(left / 5) * 5} seconds`;
  if (left < 5400) return `${Math.round(left / 60)} minutes`;
  return `${(left / 3600).toFixed(1)} hours`;
}
function ago(unix, now2 = Date.now() / 1e3) {
  const past = now2 - unix;
  if (past < 60) return "just now";
  if (past < 3600) return plural(Math.floor(past / 60), "minute") + " ago";
  if (past < 86400) return plural(Math.floor(past / 3600), "hour") + " ago";
  return new Date(unix * 1e3).toLocaleDateString(void 0, { day: "numeric", month: "short", year: "numeric" });
}
function plural(count, word, many = `${word}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? word : many}`;
}
function fileSize(bytes2) {
  if (bytes2 < 1e3) return `${bytes2} B`;
  if (bytes2 < 1e6) return `${Math.round(bytes2 / 1e3)} kB`;
  if (bytes2 < 1e9) return `${(bytes2 / 1e6).toFixed(1)} MB`;
  return `${(bytes2 / 1e9).toFixed(1)} GB`;
}

// src/project.ts
var project = y3(null);
var lines = y3([]);
var speakers = y3([]);
var revision = y3(0);
var canUndo = y3(false);
var canRedo = y3(false);
var changedSinceMix = y3(/* @__PURE__ */ new Set());
var voicing = y3(/* @__PURE__ */ new Set());
var saved = y3("saved");
var clock = O(() => {
  const programme = project.value?.programme;
  return programme ? clockOf(programme) : { sampleRate: 48e3, rate: [25, 1], startFrame: 0, drop: false };
});
var byId = O(() => new Map(lines.value.map((line) => [line.id, line])));
var placeOf = O(() => new Map(lines.value.map((line, place) => [line.id, place])));
var PALETTE = ["#4f9dff", "#ff8a4f", "#6fcf6f", "#c084fc", "#f2c14e", "#f472b6", "#2dd4bf", "#a3a3ff"];
var colours = O(
  () => new Map(speakers.value.map((one, at) => [one.id, one.colour || PALETTE[at % PALETTE.length]]))
);
var names = O(() => new Map(speakers.value.map((one) => [one.id, one.name])));
var words = /* @__PURE__ */ new Map();
var knownWords = /* @__PURE__ */ new Map();
var wanted = "";
async function open(id) {
  if (wanted !== id) {
    wanted = id;
    forget();
  }
  const got = await get(`/projects/${id}`);
  if (wanted === id) adopt(got);
}
function forget() {
  words.clear();
  knownWords.clear();
  r3(() => {
    project.value = null;
    lines.value = [];
    speakers.value = [];
    changedSinceMix.value = /* @__PURE__ */ new Set();
    voicing.value = /* @__PURE__ */ new Set();
  });
}
function adopt(got) {
  r3(() => {
    project.value = got;
    lines.value = [...got.lines].sort(byStart);
    speakers.value = got.speakers;
    revision.value = got.revision;
    canUndo.value = got.can_undo;
    canRedo.value = got.can_redo;
  });
}
var byStart = (a5, b3) => a5.start - b3.start || (a5.id < b3.id ? -1 : 1);
function merge(changed, gone = /* @__PURE__ */ new Set()) {
  if (!changed.length && !gone.size) return;
  const fresh = new Map(changed.map((line) => [line.id, line]));
  const next = lines.value.filter((line) => !gone.has(line.id)).map((line) => fresh.get(line.id) ?? line);
  const known = new Set(next.map((line) => line.id));
  for (const line of changed) {
    if (!known.has(line.id)) next.push(line);
    words.delete(line.id);
    knownWords.delete(line.id);
  }
  lines.value = next.sort(byStart);
}
function wordsOf(id) {
  let found2 = words.get(id);
  const at = project.value?.id;
  if (!found2 && at) {
    found2 = get(`/projects/${at}/lines/${id}`).then((line) => {
      knownWords.set(id, line.words ?? []);
      return line.words ?? [];
    });
    found2.catch(() => words.delete(id));
    words.set(id, found2);
  }
  return found2 ?? Promise.resolve([]);
}
var under_way = 0;
async function change(work) {
  const id = project.value?.id;
  if (!id) return null;
  under_way += 1;
  saved.value = "saving";
  try {
    const result = await work(`/projects/${id}`);
    under_way -= 1;
    if (!under_way) saved.value = "saved";
    return result;
  } catch (problem) {
    under_way -= 1;
    saved.value = "failed";
    complain(problem);
    if (!(problem instanceof ApiError && problem.status === 0)) saved.value = under_way ? "saving" : "saved";
    return null;
  }
}
function accept(result) {
  r3(() => {
    merge([result.line]);
    revision.value = Math.max(revision.value, result.revision);
    canUndo.value = true;
    canRedo.value = false;
    changedSinceMix.value = new Set(changedSinceMix.value).add(result.line.id);
    if (result.job) {
      keepJob(result.job);
      voicing.value = new Set(voicing.value).add(result.line.id);
    }
  });
}
async function editLine(id, fields) {
  const result = await change((path) => patch(`${path}/lines/${id}`, fields, { keepalive: true }));
  if (result) accept(result);
  return result !== null;
}
async function chooseTake(id, take2) {
  const result = await change((path) => put(`${path}/lines/${id}/choice`, { take: take2 }));
  if (result) accept({ ...result, job: null });
}
async function anotherTake(id) {
  const job = await change((path) => post(`${path}/lines/${id}/takes`));
  if (!job) return;
  keepJob(job);
  voicing.value = new Set(voicing.value).add(id);
}
async function undo(which) {
  const result = await change(
    (path) => post(`${path}/${which}`)
  );
  if (!result) return;
  merge(result.lines);
  speakers.value = result.speakers;
  await refresh();
}
async function changeSpeaker(id, fields) {
  if (await change((path) => patch(`${path}/speakers/${id}`, fields))) await refresh();
}
async function mergeSpeaker(id, into) {
  if (await change((path) => post(`${path}/speakers/${id}/merge`, { into }))) await refresh();
}
async function splitSpeaker(id, ids, name) {
  if (await change((path) => post(`${path}/speakers/${id}/split`, { lines: ids, name }))) await refresh();
}
async function refresh() {
  const id = project.value?.id;
  if (!id) return;
  const got = await get(`/projects/${id}`);
  if (project.value?.id !== id) return;
  const before = byId.value;
  got.lines = got.lines.map((line) => {
    const old = before.get(line.id);
    return old && JSON.stringify(old) === JSON.stringify(line) ? old : line;
  });
  adopt(got);
}
var takeListeners = /* @__PURE__ */ new Set();
var mixListeners = /* @__PURE__ */ new Set();
var refreshing;
function refreshSoon() {
  clearTimeout(refreshing);
  refreshing = setTimeout(() => refresh().catch(complain), 120);
}
onEvent((event) => {
  const id = project.value?.id;
  if (!id || event.data.project !== id) return;
  if (event.type === "take") {
    const { line, take: take2 } = event.data;
    takeArrived(line, take2);
  } else if (event.type === "lines") {
    const { lines: changed } = event.data;
    merge(changed);
  } else if (event.type === "project") {
    if (event.data.revision !== revision.value) refreshSoon();
  } else if (event.type === "mixed") {
    r3(() => {
      changedSinceMix.value = /* @__PURE__ */ new Set();
      voicing.value = /* @__PURE__ */ new Set();
    });
    refresh().then(() => mixListeners.forEach((listener) => listener())).catch(complain);
  } else if (event.type === "job") {
    jobEnded(event.data);
  }
});
function takeArrived(id, take2) {
  const line = byId.value.get(id);
  if (!line) return;
  const takes = [...line.takes.filter((one) => one.id !== take2.id), take2];
  r3(() => {
    merge([{ ...line, takes, chosen: take2.id }]);
    const rest = new Set(voicing.value);
    rest.delete(id);
    voicing.value = rest;
  });
  for (const listener of takeListeners) listener(id, take2);
}
function jobEnded(job) {
  if (job.kind !== "take" || job.state !== "failed" && job.state !== "cancelled") return;
  const rest = new Set(voicing.value);
  const line = job.spec.line;
  if (typeof line === "string") rest.delete(line);
  else rest.clear();
  voicing.value = rest;
  if (job.error) complain(new ApiError(job.error.message, job.error.hint, "take", 500));
}

// src/theme.ts
var KEY2 = "rythmo.theme";
var system = matchMedia("(prefers-color-scheme: dark)");
var systemDark = y3(system.matches);
system.addEventListener("change", (event) => {
  systemDark.value = event.matches;
});
var kept = localStorage.getItem(KEY2);
var choice = y3(kept === "light" || kept === "dark" ? kept : "system");
var dark = O(() => choice.value === "system" ? systemDark.value : choice.value === "dark");
x2(() => {
  document.documentElement.dataset.theme = dark.value ? "dark" : "light";
  localStorage.setItem(KEY2, choice.value);
});
function turn() {
  choice.value = dark.value ? "light" : "dark";
}
var ink = O(() => {
  void dark.value;
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of("text"),
    muted: of("muted"),
    faint: of("faint"),
    line: of("line"),
    ground: of("ground"),
    panel: of("panel"),
    select: of("select"),
    amber: of("amber"),
    red: of("red")
  };
});

// node_modules/preact/jsx-runtime/dist/jsxRuntime.mjs
var f4 = /* @__PURE__ */ Symbol.for("pv");
var o4 = 0;
function a4(t4, e4, n3, u4, a5, i4) {
  e4 || (e4 = {});
  var c4, l4, p5 = e4;
  if ("ref" in p5 && "function" != typeof t4) for (l4 in p5 = {}, e4) "ref" == l4 ? c4 = e4[l4] : p5[l4] = e4[l4];
  var s4 = { type: t4, props: p5, key: n3, ref: c4, __k: null, __: null, __b: 0, __e: null, __c: null, constructor: f4, __v: --o4, __i: -1, __u: 0 };
  return (a5 || i4) && (s4.__source = a5, s4.__self = i4), n.vnode && n.vnode(s4), s4;
}

// src/ui/Icon.tsx
var PATHS = {
  play: "M5 3.2v9.6l7.6-4.8z",
  pause: "M5 3.5v9M11 3.5v9",
  back: "M8 3.5 3 8l5 4.5M13 3.5 8 8l5 4.5",
  forth: "M3 3.5 8 8l-5 4.5M8 3.5 13 8l-5 4.5",
  frameBack: "M12 3.5 6 8l6 4.5zM4 3.5v9",
  frameForth: "M4 3.5 10 8l-6 4.5zM12 3.5v9",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
  fit: "M2.5 5V2.5H5M11 2.5h2.5V5M13.5 11v2.5H11M5 13.5H2.5V11",
  undo: "M6 3.5 3 6.5l3 3M3.3 6.5h6a3.2 3.2 0 0 1 0 6.4H7",
  redo: "M10 3.5l3 3-3 3M12.7 6.5h-6a3.2 3.2 0 0 0 0 6.4H9",
  search: "M7 11.5a4.5 4.5 0 1 1 0-9 4.5 4.5 0 0 1 0 9zM10.3 10.3l3.4 3.4",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5l3.2 3.2L13 4.8",
  warning: "M8 2.5 14.2 13H1.8zM8 6.6v3M8 11.4v.2",
  error: "M8 14A6 6 0 1 1 8 2a6 6 0 0 1 0 12zM8 5v3.8M8 10.8v.2",
  info: "M8 14A6 6 0 1 1 8 2a6 6 0 0 1 0 12zM8 7.2V11M8 5v.2",
  folder: "M2 4.5h4l1.4 1.6H14v6.4H2z",
  file: "M4 2h5l3 3v9H4zM9 2v3h3",
  film: "M2 3.5h12v9H2zM5 3.5v9M11 3.5v9M2 8h3M11 8h3",
  sun: "M8 10.8a2.8 2.8 0 1 1 0-5.6 2.8 2.8 0 0 1 0 5.6zM8 1.6v1.2M8 13.2v1.2M1.6 8h1.2M13.2 8h1.2M3.5 3.5l.8.8M11.7 11.7l.8.8M3.5 12.5l.8-.8M11.7 4.3l.8-.8",
  moon: "M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6z",
  keys: "M2 4.5h12v7.5H2zM4.5 7h.1M7 7h.1M9.4 7h.1M11.6 7h.1M5 9.6h6",
  copy: "M5.5 5.5h7v8h-7zM3.5 10.5v-8h7",
  download: "M8 2.5v7.6M4.8 7.2 8 10.3l3.2-3.1M3 13h10",
  reveal: "M2 4.5h4l1.4 1.6H14v6.4H2zM8 11V8M6.6 9.2 8 7.8l1.4 1.4",
  people: "M6 7.5a2.3 2.3 0 1 1 0-4.6 2.3 2.3 0 0 1 0 4.6zM1.8 13c.3-2.4 1.9-3.7 4.2-3.7s3.9 1.3 4.2 3.7M10.6 3.1a2.3 2.3 0 0 1 0 4.2M12 9.6c1.3.6 2.1 1.7 2.3 3.4",
  again: "M12.8 6.5A5.2 5.2 0 1 0 13 9.5M13 3.2v3.3H9.7",
  up: "M3.5 10 8 5.5l4.5 4.5",
  chevron: "M6 3.5 10.5 8 6 12.5"
};
var SOLID = /* @__PURE__ */ new Set(["play", "frameBack", "frameForth"]);
function Icon({ name }) {
  return /* @__PURE__ */ a4("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true", "data-solid": SOLID.has(name) || void 0, children: /* @__PURE__ */ a4("path", { d: PATHS[name] }) });
}

// src/ui/controls.tsx
function IconButton({ icon, label, onClick, disabled, pressed, class: more }) {
  return /* @__PURE__ */ a4(
    "button",
    {
      type: "button",
      class: `icon-button ${more ?? ""}`,
      "aria-label": label,
      title: label,
      disabled: disabled ?? false,
      "aria-pressed": pressed,
      onClick,
      children: /* @__PURE__ */ a4(Icon, { name: icon })
    }
  );
}
function Button({ children, onClick, kind: kind2 = "plain", disabled = false, type = "button", title }) {
  return /* @__PURE__ */ a4("button", { type, class: `button button-${kind2}`, disabled, title, onClick, children });
}
function Bar({ share, label }) {
  const percent = Math.round(Math.max(0, Math.min(1, share)) * 100);
  return /* @__PURE__ */ a4("div", { class: "bar", role: "progressbar", "aria-label": label, "aria-valuenow": percent, "aria-valuemin": 0, "aria-valuemax": 100, children: /* @__PURE__ */ a4("div", { class: "bar-done", style: { width: `${percent}%` } }) });
}
function Command({ text }) {
  const copy = async (event) => {
    const button = event.currentTarget;
    await navigator.clipboard.writeText(text);
    button.dataset.copied = "yes";
    setTimeout(() => delete button.dataset.copied, 1500);
  };
  return /* @__PURE__ */ a4("span", { class: "command", children: [
    /* @__PURE__ */ a4("code", { tabIndex: 0, children: text }),
    /* @__PURE__ */ a4("button", { type: "button", class: "copy", onClick: copy, "aria-label": `Copy: ${text}`, children: /* @__PURE__ */ a4(Icon, { name: "copy" }) })
  ] });
}
function Empty({ title, children }) {
  return /* @__PURE__ */ a4("div", { class: "empty", children: [
    /* @__PURE__ */ a4("p", { class: "empty-title", children: title }),
    children && /* @__PURE__ */ a4("p", { children })
  ] });
}

// src/player/follow.ts
var JUMP_SECONDS = 0.3;
var QUIET_SECONDS = 0.012;
var STRONGEST = 0.04;
function correction(drift2, rate2) {
  if (Math.abs(drift2) > JUMP_SECONDS) return { jump: true };
  if (Math.abs(drift2) < QUIET_SECONDS) return { jump: false, rate: rate2 };
  const change2 = Math.max(-STRONGEST, Math.min(STRONGEST, -drift2 * 0.6));
  return { jump: false, rate: rate2 * (1 + change2) };
}
var SmoothClock = class {
  #at = 0;
  #since = 0;
  /** The position in seconds, from the media's own `raw` position, now in milliseconds and rate (0: it stands). */
  read(raw, now2, rate2) {
    const guess = this.#at + (now2 - this.#since) / 1e3 * rate2;
    const off = raw - guess;
    this.#at = rate2 === 0 || Math.abs(off) > 0.12 ? raw : guess + off * 0.08;
    this.#since = now2;
    return this.#at;
  }
};

// src/player/sounds.ts
var side = y3("dub");
var muted = y3(/* @__PURE__ */ new Set());
var soloed = y3(/* @__PURE__ */ new Set());
var parts = O(
  () => (project.value?.stems ?? []).filter((stem) => stem.name === "ME" || stem.speaker !== null)
);
var apart = O(() => {
  if (!muted.value.size && !soloed.value.size) return null;
  const heard = parts.value.filter(
    (stem) => soloed.value.size ? soloed.value.has(stem.name) : !muted.value.has(stem.name)
  );
  return new Set(heard.map((stem) => stem.name));
});
function flip(set, name) {
  const next = new Set(set.value);
  if (!next.delete(name)) next.add(name);
  set.value = next;
}
var followers = /* @__PURE__ */ new Map();
var only = null;
var drift = 0;
function hearOnly(names2) {
  only = names2;
}
function wanted2() {
  if (only) return [...only];
  if (side.value === "original") return [];
  const stems = project.value?.stems ?? [];
  if (apart.value) return [...apart.value];
  return stems.some((stem) => stem.name === "MIX") ? ["MIX"] : [];
}
function follower(name) {
  const url = project.value?.stems.find((stem) => stem.name === name)?.url;
  if (!url) return null;
  const known = followers.get(name);
  if (known && known.url === url) return known;
  const audio = new Audio();
  audio.preload = "auto";
  audio.src = url;
  const made = { audio, url };
  if (known) known.audio.pause();
  followers.set(name, made);
  return made;
}
function sync(state) {
  const names2 = new Set(wanted2());
  drift = 0;
  for (const [name, { audio }] of followers) if (!names2.has(name) && !audio.paused) audio.pause();
  for (const name of names2) {
    const found2 = follower(name);
    if (found2) keepUp(found2.audio, state);
  }
}
function keepUp(audio, { playing: playing2, at, rate: rate2 }) {
  if (audio.readyState < HTMLMediaElement.HAVE_METADATA) return;
  if (!playing2 || at === null) {
    if (!audio.paused) audio.pause();
    if (at !== null && Math.abs(audio.currentTime - at) > 0.02) audio.currentTime = at;
    return;
  }
  if (at > audio.duration) return;
  if (audio.paused) {
    audio.currentTime = at;
    audio.playbackRate = rate2;
    audio.play().catch(() => void 0);
    return;
  }
  const off = audio.currentTime - at;
  const mend = correction(off, rate2);
  if (mend.jump) audio.currentTime = at;
  else if (audio.playbackRate !== mend.rate) audio.playbackRate = mend.rate;
  if (!audio.seeking) drift = Math.max(drift, Math.abs(off));
}
x2(() => {
  void project.value?.id;
  for (const { audio } of followers.values()) {
    audio.pause();
    audio.removeAttribute("src");
    audio.load();
  }
  followers.clear();
});

// src/player/transport.ts
var playing = y3(false);
var rate = y3(1);
var position = y3(0);
var pictureElement = y3(null);
var sound = new Audio();
sound.preload = "auto";
var smooth = new SmoothClock();
var beforePreview = null;
function leader() {
  return project.value?.picture?.playable && pictureElement.value ? pictureElement.value : sound;
}
function now() {
  const lead = leader();
  const running = playing.value && !lead.paused && !lead.seeking;
  const at = smooth.read(lead.currentTime, performance.now(), running ? lead.playbackRate : 0);
  return Math.max(0, at * clock.value.sampleRate);
}
function seek(samples) {
  const length2 = project.value?.programme.length ?? 0;
  const at = Math.max(0, Math.min(length2 - 1, samples));
  leader().currentTime = at / clock.value.sampleRate;
  position.value = at;
  step();
  showSoon();
}
function play(speed = 1) {
  const lead = leader();
  rate.value = speed;
  playing.value = true;
  if (speed > 0) {
    lead.playbackRate = speed;
    lead.play().catch(() => void 0);
  } else {
    lead.pause();
  }
  wake();
}
function pause2() {
  playing.value = false;
  rate.value = 1;
  leader().pause();
  leader().playbackRate = 1;
  endPreview();
  position.value = now();
  step();
  showSoon();
}
function toggle() {
  if (playing.value) pause2();
  else play();
}
function shuttle(way) {
  if (!playing.value) return play(way);
  const faster = Math.min(8, Math.abs(rate.value) * 2);
  play(Math.sign(rate.value) === way ? faster * way : way);
}
function nudge(frames2) {
  if (playing.value) pause2();
  seek(Math.round(now() + frames2 * samplesPerFrame(clock.value)));
}
function startPreview(from, ended) {
  endPreview();
  beforePreview = ended;
  seek(from);
  play();
}
function endPreview() {
  const ended = beforePreview;
  beforePreview = null;
  ended?.();
}
var audible = () => playing.value && rate.value > 0 && rate.value <= 2;
function step() {
  const lead = leader();
  lead.muted = beforePreview !== null || side.value === "dub" || !audible();
  if (!lead.seeking || !playing.value) {
    const heard = audible() && !lead.paused;
    sync({ playing: heard, at: playing.value && !heard ? null : lead.currentTime, rate: lead.playbackRate });
  }
  document.documentElement.dataset.driftMs = (drift * 1e3).toFixed(0);
}
var frames = /* @__PURE__ */ new Set();
function onFrame(draw2) {
  frames.add(draw2);
  return () => frames.delete(draw2);
}
var show = () => frames.forEach((draw2) => draw2());
function showSoon() {
  requestAnimationFrame(show);
}
var awake = false;
var stepped = 0;
var told = 0;
function wake() {
  if (awake) return;
  awake = true;
  let before = performance.now();
  const tick = (time) => {
    if (!playing.value) {
      awake = false;
      return;
    }
    if (rate.value < 0) rewind((time - before) / 1e3);
    before = time;
    show();
    if (time - stepped > 200) {
      stepped = time;
      step();
    }
    if (time - told > 90) {
      told = time;
      position.value = now();
      if (leader().ended) pause2();
    }
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}
function rewind(passed) {
  const lead = leader();
  if (lead.seeking) return;
  const at = lead.currentTime + rate.value * Math.max(passed, 0.04);
  lead.currentTime = Math.max(0, at);
  if (at <= 0) pause2();
}
x2(() => {
  const open2 = project.value;
  const url = open2 && !open2.picture?.playable ? open2.original?.url ?? "" : "";
  if (url && sound.getAttribute("src") !== url) sound.src = url;
  if (!url) sound.removeAttribute("src");
});
x2(() => {
  void [side.value, muted.value, soloed.value];
  if (project.peek()) step();
});

// src/player/audition.ts
var auditioned = y3(null);
var context = null;
var source = null;
var asked = 0;
var TAIL_SECONDS = 0.15;
var PAUSE_BEFORE_SECONDS = 0.05;
async function decoded(url) {
  context ??= new AudioContext();
  const reply = await fetch(url);
  return context.decodeAudioData(await reply.arrayBuffer());
}
async function hearTake(id, take2) {
  const mine = ++asked;
  let buffer;
  try {
    buffer = await decoded(take2.url);
  } catch (problem) {
    complain(problem);
    return;
  }
  const line = byId.value.get(id);
  if (mine !== asked || !line || !context) return;
  await context.resume();
  pause2();
  const bed = parts.value.some((stem) => stem.name === "ME") ? ["ME"] : [];
  hearOnly(new Set(bed));
  source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(context.destination);
  startPreview(line.start, settle);
  auditioned.value = `${id} ${take2.id}`;
  source.start(context.currentTime + PAUSE_BEFORE_SECONDS);
  endAfter(mine, buffer.duration + PAUSE_BEFORE_SECONDS);
}
function hearOriginal(id) {
  const line = byId.value.get(id);
  const url = project.value?.original?.url;
  if (!line || !url) return;
  const mine = ++asked;
  pause2();
  hearOnly(/* @__PURE__ */ new Set());
  const original2 = new Audio(`${url}#t=${line.start / clock.value.sampleRate}`);
  startPreview(line.start, () => {
    original2.pause();
    settle();
  });
  auditioned.value = `${id} original`;
  original2.play().catch(() => void 0);
  endAfter(mine, (line.end - line.start) / clock.value.sampleRate);
}
function endAfter(mine, length2) {
  setTimeout(
    () => {
      if (mine === asked && auditioned.value) pause2();
    },
    (length2 + TAIL_SECONDS) * 1e3
  );
}
function settle() {
  hearOnly(null);
  auditioned.value = null;
  source?.stop();
  source = null;
}

// src/selection.ts
var selected = y3(null);
var editing = y3(null);
var query = y3("");
var onlySpeaker = y3(null);
var kind = y3("all");
var WEIGHT = { error: 0, warning: 1, info: 2 };
function worst(line) {
  let found2 = null;
  for (const flag of line.flags) if (found2 === null || WEIGHT[flag.severity] < WEIGHT[found2]) found2 = flag.severity;
  return found2;
}
function pace(line) {
  const limits = project.value?.limits;
  if (!limits || line.cps === null) return "easy";
  return line.cps > limits.cps_red ? "red" : line.cps > limits.cps_amber ? "amber" : "easy";
}
var plain = (text) => text.toLocaleLowerCase().normalize("NFD").replace(new RegExp("\\p{M}", "gu"), "");
function fits(line, looked) {
  if (onlySpeaker.value && line.speaker !== onlySpeaker.value) return false;
  if (kind.value === "flagged" && !line.flags.length) return false;
  if (kind.value === "edited" && !line.edited.length) return false;
  if (kind.value === "fast" && pace(line) === "easy") return false;
  if (kind.value === "changed" && !changedSinceMix.value.has(line.id)) return false;
  return !looked || plain(`${line.text}
${line.translation}
${line.direction}
${line.id}`).includes(looked);
}
var shown = O(() => {
  const looked = plain(query.value.trim());
  if (!looked && !onlySpeaker.value && kind.value === "all") return lines.value;
  return lines.value.filter((line) => fits(line, looked));
});
var selectedLine = O(() => selected.value ? byId.value.get(selected.value) ?? null : null);
function neighbour(step2) {
  const list = shown.value;
  if (!list.length) return null;
  const at = list.findIndex((line) => line.id === selected.value);
  const next = at < 0 ? step2 > 0 ? 0 : list.length - 1 : Math.max(0, Math.min(list.length - 1, at + step2));
  return list[next] ?? null;
}
function lineAt(samples) {
  const list = lines.value;
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = low + high >> 1;
    if (list[middle].start <= samples) low = middle + 1;
    else high = middle;
  }
  for (let at = low - 1; at >= Math.max(0, low - 6); at--) {
    const line = list[at];
    if (samples < Math.max(line.end, line.placement?.end ?? 0)) return line;
  }
  return null;
}

// src/peaks.ts
var LEVELS = [256, 4096, 65536];
var TILE = 8192;
var KEPT = 400;
var arrived = y3(0);
var tiles = /* @__PURE__ */ new Map();
var waiting = /* @__PURE__ */ new Map();
function levelFor(samplesPerPixel) {
  let found2 = LEVELS[0];
  for (const level of LEVELS) if (level <= samplesPerPixel) found2 = level;
  return found2;
}
function tile(base, level, number) {
  const url = `${base}/${level}`;
  const key = `${url} ${number}`;
  const known = tiles.get(key);
  if (known !== void 0) {
    tiles.delete(key);
    tiles.set(key, known);
    return known;
  }
  if (!waiting.has(key)) fetchTile(key, url, number);
  return null;
}
function fetchTile(key, url, number) {
  const stop = new AbortController();
  waiting.set(key, stop);
  bytes(url, number * TILE * 2, (number + 1) * TILE * 2, stop.signal).then((data) => {
    tiles.set(key, new Int8Array(data));
    for (const old of tiles.keys()) {
      if (tiles.size <= KEPT) break;
      tiles.delete(old);
    }
    arrived.value += 1;
  }).catch(() => {
    if (!stop.signal.aborted) tiles.set(key, null);
  }).finally(() => waiting.delete(key));
}
function extremes(base, level, from, to) {
  const first = Math.floor(from / level);
  const last2 = Math.max(first + 1, Math.ceil(to / level));
  let low = 127;
  let high = -128;
  for (let at = first; at < last2; at++) {
    const data = tile(base, level, Math.floor(at / TILE));
    const place = at % TILE * 2;
    if (!data || place + 1 >= data.length) continue;
    low = Math.min(low, data[place]);
    high = Math.max(high, data[place + 1]);
  }
  return high < low ? null : [low, high];
}
function forgetPeaks() {
  for (const stop of waiting.values()) stop.abort();
  waiting.clear();
  tiles.clear();
  arrived.value += 1;
}

// src/timeline/Heads.tsx
function Heads({ laneHeight, top: top2, ruler, scroll: scroll2 }) {
  const bed = parts.value.find((stem) => stem.name === "ME");
  return /* @__PURE__ */ a4("div", { class: "heads", children: [
    /* @__PURE__ */ a4("div", { class: "head head-original", style: { top: ruler, height: top2 - ruler }, children: [
      /* @__PURE__ */ a4("span", { class: "head-name", children: bed ? "Original" : "Sound" }),
      bed && /* @__PURE__ */ a4(Switches, { name: "ME", title: "music and effects", label: "M&E" })
    ] }),
    /* @__PURE__ */ a4("div", { class: "heads-lanes", style: { top: top2 }, children: speakers.value.map((one, row) => {
      const stem = project.value?.stems.find((found2) => found2.speaker === one.id);
      return /* @__PURE__ */ a4("div", { class: "head", style: { top: row * laneHeight - scroll2.value, height: laneHeight }, children: [
        /* @__PURE__ */ a4("span", { class: "dot", style: { background: colours.value.get(one.id) } }),
        /* @__PURE__ */ a4("span", { class: "head-name", title: one.name, children: one.name }),
        stem && /* @__PURE__ */ a4(Switches, { name: stem.name, title: one.name })
      ] }, one.id);
    }) })
  ] });
}
function Switches({ name, title, label }) {
  const off = side.value === "original";
  return /* @__PURE__ */ a4("span", { class: "switches", children: [
    label && /* @__PURE__ */ a4("span", { class: "switch-label", children: label }),
    /* @__PURE__ */ a4(
      "button",
      {
        type: "button",
        class: "switch",
        "aria-pressed": soloed.value.has(name),
        "aria-label": `Solo ${title}`,
        title: `Solo: hear only ${title}`,
        disabled: off,
        onClick: () => flip(soloed, name),
        children: "S"
      }
    ),
    /* @__PURE__ */ a4(
      "button",
      {
        type: "button",
        class: "switch",
        "aria-pressed": muted.value.has(name),
        "aria-label": `Mute ${title}`,
        title: `Mute ${title}`,
        disabled: off,
        onClick: () => flip(muted, name),
        children: "M"
      }
    )
  ] });
}

// src/timeline/view.ts
var view = y3({ from: 0, scale: 600 });
var width = y3(800);
var FINEST = 24;
function clamp(next, length2, pixels) {
  const scale = Math.max(FINEST, Math.min(next.scale, Math.max(FINEST, length2 / pixels)));
  const last2 = Math.max(0, length2 - pixels * scale);
  return { from: Math.max(0, Math.min(next.from, last2)), scale };
}
function zoomAbout(old, factor, x3, length2, pixels) {
  const scale = clamp({ from: 0, scale: old.scale * factor }, length2, pixels).scale;
  return clamp({ from: old.from + x3 * (old.scale - scale), scale }, length2, pixels);
}
function pageFor(old, at, length2, pixels) {
  const x3 = (at - old.from) / old.scale;
  if (x3 >= 0 && x3 < pixels * 0.94) return old;
  return clamp({ from: at - pixels * old.scale * 0.1, scale: old.scale }, length2, pixels);
}
var STEPS = [0.04, 0.2, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
function rulerStep(secondsPerPixel, gap) {
  return STEPS.find((step2) => step2 / secondsPerPixel >= gap) ?? 7200;
}
function firstVisible(starts, from, longest2) {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = low + high >> 1;
    if (starts[middle].start < from - longest2) low = middle + 1;
    else high = middle;
  }
  return low;
}

// src/timeline/draw.ts
var RULER = 22;
var ORIGINAL = 34;
var FONT = '"Inter Variable", system-ui, sans-serif';
var xOf = (scene, samples) => (samples - scene.view.from) / scene.view.scale;
function laneTop(scene, row) {
  return RULER + ORIGINAL + row * scene.laneHeight - scene.scroll;
}
function draw(scene) {
  const { context: context2, width: width2, height: height2, ink: ink2 } = scene;
  context2.fillStyle = ink2.panel;
  context2.fillRect(0, 0, width2, height2);
  context2.save();
  context2.beginPath();
  context2.rect(0, RULER + ORIGINAL, width2, height2 - RULER - ORIGINAL);
  context2.clip();
  drawLanes(scene);
  drawLines(scene);
  context2.restore();
  drawOriginal(scene);
  drawRuler(scene);
}
function drawRuler(scene) {
  const { context: context2, width: width2, view: view2, clock: clock2, ink: ink2 } = scene;
  context2.fillStyle = ink2.panel;
  context2.fillRect(0, 0, width2, RULER);
  const step2 = rulerStep(view2.scale / clock2.sampleRate, 104) * clock2.sampleRate;
  context2.font = `11px ${FONT}`;
  context2.textBaseline = "middle";
  const end = view2.from + width2 * view2.scale;
  for (let at = Math.floor(view2.from / step2) * step2; at < end; at += step2) {
    const x3 = Math.round(xOf(scene, at)) + 0.5;
    context2.fillStyle = ink2.line;
    context2.fillRect(x3 - 0.5, RULER - 6, 1, 6);
    for (let part = 1; part < 5; part++) {
      context2.fillRect(Math.round(xOf(scene, at + step2 * part / 5)), RULER - 3, 1, 3);
    }
    context2.fillStyle = ink2.muted;
    context2.fillText(timecode(clock2, at + 1), x3 + 4, RULER / 2);
  }
  context2.fillStyle = ink2.line;
  context2.fillRect(0, RULER - 1, width2, 1);
}
function drawOriginal(scene) {
  const { context: context2, width: width2, ink: ink2, originalPeaks } = scene;
  context2.fillStyle = ink2.panel;
  context2.fillRect(0, RULER, width2, ORIGINAL);
  if (originalPeaks) wave(scene, originalPeaks, 0, width2, RULER + ORIGINAL / 2, ORIGINAL / 2 - 3, ink2.faint);
  context2.fillStyle = ink2.line;
  context2.fillRect(0, RULER + ORIGINAL - 1, width2, 1);
}
function drawLanes(scene) {
  const { context: context2, width: width2, ink: ink2, speakers: speakers2, laneHeight } = scene;
  context2.fillStyle = ink2.line;
  speakers2.forEach((_4, row) => context2.fillRect(0, laneTop(scene, row + 1) - 1, width2, 1));
  for (const stem of scene.stems) {
    const row = speakers2.findIndex((one) => one.id === stem.speaker);
    const top2 = laneTop(scene, row);
    if (row < 0 || top2 > scene.height || top2 + laneHeight < RULER) continue;
    const colour = scene.colours.get(stem.speaker ?? "") ?? ink2.muted;
    context2.globalAlpha = 0.75;
    wave(scene, stem.peaks, 0, width2, top2 + laneHeight / 2, laneHeight / 2 - 4, colour);
    context2.globalAlpha = 1;
  }
}
function wave(scene, base, from, to, middle, half, colour) {
  const { context: context2, view: view2 } = scene;
  const level = levelFor(view2.scale);
  context2.fillStyle = colour;
  context2.beginPath();
  for (let x3 = from; x3 < to; x3++) {
    const at = view2.from + x3 * view2.scale;
    const found2 = extremes(base, level, at, at + view2.scale);
    if (!found2 || found2[0] === 0 && found2[1] === 0) continue;
    const top2 = middle - found2[1] / 128 * half;
    context2.rect(x3, top2, 1, Math.max(1, middle - found2[0] / 128 * half - top2));
  }
  context2.fill();
}
function drawLines(scene) {
  const { lines: lines2, view: view2, width: width2, longest: longest2, selected: selected2 } = scene;
  const end = view2.from + width2 * view2.scale;
  const rows2 = new Map(scene.speakers.map((one, row2) => [one.id, row2]));
  scene.context.font = `11.5px ${FONT}`;
  scene.context.textBaseline = "middle";
  for (let at = firstVisible(lines2, view2.from, longest2); at < lines2.length; at++) {
    const line = lines2[at];
    if (line.start > end) break;
    const row2 = rows2.get(line.speaker);
    if (row2 !== void 0 && line.id !== selected2) drawLine(scene, line, row2);
  }
  const chosen = lines2.find((line) => line.id === selected2);
  const row = chosen && rows2.get(chosen.speaker);
  if (chosen && row !== void 0) drawLine(scene, chosen, row);
}
function drawLine(scene, line, row) {
  const { context: context2, ink: ink2, laneHeight, draft: draft2 } = scene;
  const held = draft2?.id === line.id ? draft2 : line;
  const x3 = xOf(scene, held.start);
  const w5 = Math.max(1.5, (held.end - held.start) / scene.view.scale);
  const top2 = laneTop(scene, row) + 2;
  const h5 = laneHeight - 5;
  const chosen = line.id === scene.selected;
  const colour = scene.colours.get(line.speaker) ?? ink2.muted;
  context2.globalAlpha = scene.quiet(line) ? 0.07 : chosen ? 0.3 : 0.16;
  context2.fillStyle = colour;
  context2.beginPath();
  context2.roundRect(x3, top2, w5, h5, Math.min(3, w5 / 2));
  context2.fill();
  context2.globalAlpha = 1;
  context2.fillRect(x3, top2, Math.min(2, w5), h5);
  if (chosen) drawChosen(scene, line, { x: x3, w: w5, top: top2, h: h5 });
  if (w5 > 34) drawText(scene, line, { x: x3, w: w5, top: top2, h: h5 });
  if (w5 > 4) drawMark(scene, line, x3 + w5, top2);
}
function drawChosen(scene, line, { x: x3, w: w5, top: top2, h: h5 }) {
  const { context: context2, ink: ink2 } = scene;
  context2.strokeStyle = ink2.text;
  context2.lineWidth = 1.5;
  context2.beginPath();
  context2.roundRect(x3 + 0.75, top2 + 0.75, Math.max(1, w5 - 1.5), h5 - 1.5, 2.5);
  context2.stroke();
  const slot = xOf(scene, line.slot_end);
  if (slot > x3 + w5 + 1) {
    context2.fillStyle = ink2.text;
    context2.fillRect(x3 + w5, top2 + h5 - 2, slot - x3 - w5, 1);
    context2.fillRect(slot - 1, top2 + h5 - 6, 1, 5);
  }
}
function drawText(scene, line, { x: x3, w: w5, top: top2 }) {
  const { context: context2, ink: ink2 } = scene;
  const left = Math.max(x3, 0) + 7;
  const room = x3 + w5 - 6 - left;
  if (room < 20) return;
  context2.save();
  context2.beginPath();
  context2.rect(left, top2, room, 16);
  context2.clip();
  context2.fillStyle = scene.quiet(line) ? ink2.muted : ink2.text;
  context2.fillText(line.translation || line.text, left, top2 + 9);
  context2.restore();
}
function drawMark(scene, line, right, top2) {
  const worst2 = scene.worst(line);
  if (!worst2 || worst2 === "info") return;
  const { context: context2, ink: ink2 } = scene;
  context2.fillStyle = worst2 === "error" ? ink2.red : ink2.amber;
  context2.beginPath();
  context2.moveTo(right - 8, top2);
  context2.lineTo(right, top2);
  context2.lineTo(right, top2 + 8);
  context2.fill();
}

// src/timeline/point.ts
var REACH = 5;
function hit(layout2, x3, y5) {
  if (y5 < RULER + ORIGINAL) return { on: "ruler" };
  const row = Math.floor((y5 - laneTop(layout2, 0)) / layout2.laneHeight);
  const speaker = layout2.speakers[row]?.id;
  const { from, scale } = layout2.view;
  const at = from + x3 * scale;
  const reach = REACH * scale;
  let near = { on: "lane" };
  for (let place = firstVisible(layout2.lines, at - reach, layout2.longest); place < layout2.lines.length; place++) {
    const line = layout2.lines[place];
    if (line.start > at + reach) break;
    if (line.speaker !== speaker || line.end < at - reach) continue;
    const edge = edgeAt(line, at, reach);
    if (edge || at >= line.start && at <= line.end) near = { on: "line", line, edge };
  }
  return near;
}
function edgeAt(line, at, reach) {
  if (line.end - line.start < 4 * reach) return null;
  if (Math.abs(at - line.start) <= reach) return "start";
  return Math.abs(at - line.end) <= reach ? "end" : null;
}

// src/timeline/Timeline.tsx
var LANE = 36;
var height = y3(180);
var scroll = y3(0);
var draft = y3(null);
var longest = 0;
x2(() => {
  longest = lines.value.reduce((most, line) => Math.max(most, line.end - line.start), 0);
});
var length = () => project.value?.programme.length ?? 1;
var layout = () => ({
  view: view.value,
  laneHeight: LANE,
  scroll: scroll.value,
  lines: lines.value,
  longest,
  speakers: speakers.value
});
function zoom(factor, x3 = (now() - view.value.from) / view.value.scale) {
  const at = x3 >= 0 && x3 <= width.value ? x3 : width.value / 2;
  view.value = zoomAbout(view.value, factor, at, length(), width.value);
}
function zoomToFit() {
  view.value = clamp({ from: 0, scale: Infinity }, length(), width.value);
}
function Timeline() {
  const box = T2(null);
  const canvas = T2(null);
  const head = T2(null);
  A2(() => {
    const watch = new ResizeObserver(([entry]) => {
      if (!entry) return;
      width.value = Math.max(100, Math.floor(entry.contentRect.width));
      height.value = Math.floor(entry.contentRect.height);
      view.value = clamp(view.value, length(), width.value);
    });
    if (box.current) watch.observe(box.current);
    const again2 = () => forgetPeaks();
    mixListeners.add(again2);
    const stopDrawing = x2(() => paint(canvas.current));
    const place = () => placeHead(head.current);
    const stopHead = onFrame(place);
    const stopPlace = x2(place);
    return () => {
      watch.disconnect();
      mixListeners.delete(again2);
      stopDrawing();
      stopHead();
      stopPlace();
    };
  }, []);
  return /* @__PURE__ */ a4("section", { class: "timeline", "aria-label": "Timeline", children: [
    /* @__PURE__ */ a4(Heads, { laneHeight: LANE, top: RULER + ORIGINAL, ruler: RULER, scroll }),
    /* @__PURE__ */ a4(
      "div",
      {
        class: "timeline-canvas",
        ref: box,
        onWheel: wheel,
        onPointerDown: press,
        onPointerMove: hover,
        onDblClick: () => zoom(0.5),
        children: [
          /* @__PURE__ */ a4("canvas", { ref: canvas, role: "img", "aria-label": "Waveforms and lines. The list of lines holds the same." }),
          /* @__PURE__ */ a4("div", { class: "playhead", ref: head, "aria-hidden": "true" })
        ]
      }
    ),
    /* @__PURE__ */ a4("div", { class: "timeline-zoom", children: [
      /* @__PURE__ */ a4(IconButton, { icon: "minus", label: "Zoom out (-)", onClick: () => zoom(2) }),
      /* @__PURE__ */ a4(IconButton, { icon: "plus", label: "Zoom in (+)", onClick: () => zoom(0.5) }),
      /* @__PURE__ */ a4(IconButton, { icon: "fit", label: "Whole programme (0)", onClick: zoomToFit })
    ] })
  ] });
}
var painted = 0;
function paint(canvas) {
  void [view.value, width.value, height.value, scroll.value, lines.value, speakers.value, colours.value];
  void [selected.value, draft.value, ink.value, arrived.value, shown.value, project.value];
  cancelAnimationFrame(painted);
  painted = requestAnimationFrame(() => canvas && paintNow(canvas));
}
function paintNow(canvas) {
  const ratio = devicePixelRatio;
  const [wide, high] = [Math.round(width.value * ratio), Math.round(height.value * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width.value}px`;
    canvas.style.height = `${height.value}px`;
  }
  const context2 = canvas.getContext("2d", { alpha: false });
  if (!context2) return;
  context2.setTransform(ratio, 0, 0, ratio, 0, 0);
  const filtered = shown.value === lines.value ? null : new Set(shown.value);
  draw({
    ...layout(),
    context: context2,
    width: width.value,
    height: height.value,
    clock: clock.value,
    ink: ink.value,
    colours: colours.value,
    stems: project.value?.stems ?? [],
    originalPeaks: project.value?.original?.peaks ?? null,
    selected: selected.value,
    quiet: (line) => filtered !== null && !filtered.has(line),
    worst,
    draft: draft.value
  });
}
function placeHead(head) {
  if (!head) return;
  const at = now();
  if (playing.value && !draft.value) {
    const next = pageFor(view.value, at, length(), width.value);
    if (next !== view.value) view.value = next;
  }
  const x3 = (at - view.value.from) / view.value.scale;
  head.style.transform = `translateX(${x3.toFixed(2)}px)`;
  head.hidden = x3 < 0 || x3 > width.value;
}
function wheel(event) {
  event.preventDefault();
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 18 : 1;
  if (event.ctrlKey || event.metaKey) {
    zoom(Math.exp(event.deltaY * unit * 4e-3), event.offsetX);
  } else if (event.altKey) {
    const most = Math.max(0, speakers.value.length * LANE - (height.value - RULER - ORIGINAL));
    scroll.value = Math.max(0, Math.min(most, scroll.value + event.deltaY * unit));
  } else {
    const by = (Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY) * unit;
    view.value = clamp({ ...view.value, from: view.value.from + by * view.value.scale }, length(), width.value);
  }
}
function hover(event) {
  if (event.buttons || !(event.currentTarget instanceof HTMLElement)) return;
  const found2 = hit(layout(), event.offsetX, event.offsetY);
  event.currentTarget.dataset.over = found2.on === "line" && found2.edge ? "edge" : found2.on;
}
function press(event) {
  const target = event.currentTarget;
  if (event.button !== 0 || !(target instanceof HTMLElement)) return;
  const found2 = hit(layout(), event.offsetX, event.offsetY);
  const at = (x3) => view.value.from + x3 * view.value.scale;
  if (found2.on === "line") {
    selected.value = found2.line.id;
    if (found2.edge) return dragEdge(event, target, found2.line.id, found2.edge);
  }
  seek(at(event.offsetX));
  const left = target.getBoundingClientRect().left;
  drag(event, target, (x3) => seek(at(x3 - left)));
}
function dragEdge(event, target, id, edge) {
  const line = lines.value.find((one) => one.id === id);
  if (!line) return;
  const began = event.clientX;
  const step2 = samplesPerFrame(clock.value);
  const move = (x3) => {
    const by = Math.round((x3 - began) * view.value.scale / step2) * step2;
    const start = edge === "start" ? Math.max(0, Math.min(line.start + by, line.end - step2)) : line.start;
    const end = edge === "end" ? Math.min(length(), Math.max(line.end + by, line.start + step2)) : line.end;
    draft.value = { id, start: Math.round(start), end: Math.round(end) };
  };
  drag(event, target, move, async () => {
    const held = draft.value;
    if (held && (held.start !== line.start || held.end !== line.end)) {
      await editLine(id, edge === "start" ? { start: held.start } : { end: held.end });
    }
    draft.value = null;
  });
}
function drag(event, target, move, done) {
  target.setPointerCapture(event.pointerId);
  const moved = (next) => move(next.clientX);
  const ended = () => {
    target.removeEventListener("pointermove", moved);
    target.removeEventListener("pointerup", ended);
    target.removeEventListener("pointercancel", ended);
    done?.();
  };
  target.addEventListener("pointermove", moved);
  target.addEventListener("pointerup", ended);
  target.addEventListener("pointercancel", ended);
}

// src/script/memo.ts
function memo(inner) {
  class Memo extends x {
    shouldComponentUpdate(next) {
      const keys = Object.keys(next);
      return keys.some((key) => next[key] !== this.props[key]);
    }
    render() {
      return k(inner, this.props);
    }
  }
  return Memo;
}

// src/script/Cell.tsx
var LABEL = { text: "Original text", translation: "Translation" };
function Cell({ line, field, save }) {
  const area = T2(null);
  const left = T2(false);
  A2(() => {
    area.current?.focus({ preventScroll: true });
    area.current?.setSelectionRange(area.current.value.length, area.current.value.length);
    return () => keep();
  }, []);
  const keep = () => {
    const text = area.current?.value.replace(/\s+/g, " ").trim();
    if (left.current || text === void 0) return;
    left.current = true;
    if (text !== line[field]) void save(text);
  };
  const leave = () => {
    if (editing.value?.id === line.id && editing.value.field === field) editing.value = null;
  };
  const key = (event) => {
    if (event.key === "Escape") {
      left.current = true;
      leave();
      document.querySelector(".list-scroll")?.focus({ preventScroll: true });
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      keep();
      goOn(line, field, event.shiftKey ? -1 : 1);
    } else if (event.key === "Tab") {
      event.preventDefault();
      keep();
      editing.value = { id: line.id, field: field === "text" ? "translation" : "text" };
    } else {
      return;
    }
    event.stopPropagation();
  };
  return /* @__PURE__ */ a4(
    "textarea",
    {
      ref: area,
      class: "cell-edit",
      "aria-label": `${LABEL[field]} of line ${line.id}`,
      rows: 2,
      spellcheck: true,
      onKeyDown: key,
      onBlur: () => {
        keep();
        leave();
      },
      children: line[field]
    }
  );
}
function goOn(line, field, step2) {
  const next = neighbour(step2);
  if (!next || next.id === line.id) {
    editing.value = null;
    return;
  }
  selected.value = next.id;
  editing.value = { id: next.id, field };
  keepInSight();
}

// src/script/Row.tsx
var Row = memo(function Row2({ line, place }) {
  const chosen = selected.value === line.id;
  const typed = editing.value?.id === line.id ? editing.value.field : null;
  const flag = worst(line);
  return /* @__PURE__ */ a4(
    "div",
    {
      class: "row",
      role: "row",
      id: `row-${line.id}`,
      "data-line": line.id,
      "aria-rowindex": place + 2,
      "aria-selected": chosen,
      "data-playing": current.value === line.id || void 0,
      "data-odd": place % 2 === 1 || void 0,
      style: { transform: `translateY(${place * ROW}px)`, zIndex: typed ? 2 : void 0 },
      onClick: (event) => click(event, line, chosen),
      children: [
        /* @__PURE__ */ a4("span", { role: "gridcell", class: "cell-time", children: timecode(clock.value, line.start) }),
        /* @__PURE__ */ a4("span", { role: "gridcell", class: "cell-speaker", children: [
          /* @__PURE__ */ a4("span", { class: "dot", style: { background: colours.value.get(line.speaker) } }),
          /* @__PURE__ */ a4("span", { class: "cut", children: names.value.get(line.speaker) ?? line.speaker })
        ] }),
        /* @__PURE__ */ a4("span", { role: "gridcell", class: "cell-text cell-original", "data-field": "text", children: typed === "text" ? editor(line, "text") : /* @__PURE__ */ a4(Original, { text: line.text }) }),
        /* @__PURE__ */ a4("span", { role: "gridcell", class: "cell-text", "data-field": "translation", children: typed === "translation" ? editor(line, "translation") : /* @__PURE__ */ a4("span", { class: "clamp", children: line.translation || /* @__PURE__ */ a4("em", { class: "nothing", children: "No translation yet" }) }) }),
        /* @__PURE__ */ a4("span", { role: "gridcell", class: "cell-pace right", "data-pace": pace(line), children: line.cps === null ? "" : line.cps.toFixed(1) }),
        /* @__PURE__ */ a4("span", { role: "gridcell", class: "cell-flag", children: /* @__PURE__ */ a4(State, { line, flag }) })
      ]
    }
  );
});
function State({ line, flag }) {
  if (voicing.value.has(line.id)) return /* @__PURE__ */ a4("span", { class: "pulse", role: "img", "aria-label": "A new take is being made" });
  if (flag) {
    const reasons = line.flags.map((one) => one.message).join("\n");
    return /* @__PURE__ */ a4("span", { class: `flag flag-${flag}`, role: "img", "aria-label": reasons, title: reasons, children: /* @__PURE__ */ a4(Icon, { name: flag }) });
  }
  if (changedSinceMix.value.has(line.id)) {
    return /* @__PURE__ */ a4("span", { class: "unmixed", role: "img", "aria-label": "Changed; the mix follows", title: "Changed; the mix follows" });
  }
  return null;
}
function Original({ text }) {
  return /* @__PURE__ */ a4("span", { class: "clamp", children: text.split(/(?<=\s)/).map((word, at) => /* @__PURE__ */ a4("span", { class: "word", "data-word": at, children: word }, at)) });
}
function editor(line, field) {
  return /* @__PURE__ */ a4(Cell, { line, field, save: (text) => editLine(line.id, { [field]: text }) });
}
function click(event, line, chosen) {
  if (!(event.target instanceof HTMLElement) || event.target.closest("textarea")) return;
  const field = event.target.closest("[data-field]")?.dataset.field;
  const word = event.target.closest("[data-word]");
  selected.value = line.id;
  if (word) {
    void seekWord(line, Number(word.dataset.word), word.parentElement?.childElementCount ?? 1);
    if (event.detail === 2) editing.value = { id: line.id, field: "text" };
    return;
  }
  if (field && (chosen || event.detail === 2)) editing.value = { id: line.id, field };
  else if (!playing.value) seek(line.start);
}
async function seekWord(line, at, count) {
  const words2 = await wordsOf(line.id).catch(() => []);
  const word = words2.length === count ? words2[at] : void 0;
  seek(word?.start ?? line.start + (line.end - line.start) * at / count);
}

// src/script/List.tsx
var ROW = 54;
var SPARE = 6;
var top = y3(0);
var seen = y3(600);
var current = y3(null);
var scroller = null;
var touched = 0;
var HANDS_OFF_MS = 2500;
x2(() => {
  const at = position.value;
  void lines.value;
  const line = lineAt(at);
  if (line || !playing.value) current.value = line?.id ?? null;
});
function reveal(id) {
  if (!scroller) return;
  const at = shown.value.findIndex((line) => line.id === id);
  if (at < 0) return;
  const place = at * ROW;
  if (place >= scroller.scrollTop && place + ROW <= scroller.scrollTop + scroller.clientHeight) return;
  scroller.scrollTop = Math.max(0, place - scroller.clientHeight / 3);
}
var busy = () => editing.value !== null || performance.now() - touched < HANDS_OFF_MS;
function List() {
  const box = T2(null);
  A2(() => {
    scroller = box.current;
    const watch = new ResizeObserver(([entry]) => entry && (seen.value = entry.contentRect.height));
    if (box.current) watch.observe(box.current);
    const stop = x2(() => {
      const id = current.value;
      if (id && playing.value && !busy()) reveal(id);
    });
    return () => {
      stop();
      watch.disconnect();
      scroller = null;
    };
  }, []);
  const list = shown.value;
  const first = Math.max(0, Math.floor(top.value / ROW) - SPARE);
  const last2 = Math.min(list.length, Math.ceil((top.value + seen.value) / ROW) + SPARE);
  const touch = () => touched = performance.now();
  return /* @__PURE__ */ a4("div", { class: "list", role: "grid", "aria-label": "Lines", "aria-rowcount": list.length + 1, "aria-colcount": 6, children: [
    /* @__PURE__ */ a4("div", { class: "list-head", role: "rowgroup", children: /* @__PURE__ */ a4("div", { class: "row row-head", role: "row", "aria-rowindex": 1, children: [
      /* @__PURE__ */ a4("span", { role: "columnheader", children: "In" }),
      /* @__PURE__ */ a4("span", { role: "columnheader", children: "Speaker" }),
      /* @__PURE__ */ a4("span", { role: "columnheader", children: "Original" }),
      /* @__PURE__ */ a4("span", { role: "columnheader", children: "Translation" }),
      /* @__PURE__ */ a4("span", { role: "columnheader", class: "right", title: "Characters a second of the translation", children: "Ch/s" }),
      /* @__PURE__ */ a4("span", { role: "columnheader", children: /* @__PURE__ */ a4("span", { class: "hidden", children: "Flags" }) })
    ] }) }),
    /* @__PURE__ */ a4(
      "div",
      {
        class: "list-scroll",
        role: "rowgroup",
        ref: box,
        tabIndex: 0,
        "aria-label": "Lines; up and down walk through them, enter edits",
        onScroll: (event) => top.value = event.currentTarget.scrollTop,
        onWheel: touch,
        onPointerMove: touch,
        children: [
          /* @__PURE__ */ a4("div", { class: "list-room", role: "presentation", style: { height: list.length * ROW }, children: list.slice(first, last2).map((line, at) => /* @__PURE__ */ a4(Row, { line, place: first + at }, line.id)) }),
          !list.length && /* @__PURE__ */ a4(Empty, { title: lines.value.length ? "No line fits the filter." : "No lines yet." })
        ]
      }
    )
  ] });
}
function keepInSight() {
  if (selected.value) reveal(selected.value);
}

// src/script/keys.ts
var KEYS = [
  [
    "Play",
    [
      ["Space", "play or stop"],
      ["J  K  L", "backwards, stop, forwards; again for faster"],
      ["←  →", "one frame; with shift one second"],
      ["Home  End", "the beginning, the end"],
      ["D", "hear the dub or the original"]
    ]
  ],
  [
    "Lines",
    [
      ["↑  ↓", "the line before, the line after"],
      ["Enter", "write the translation; enter keeps it and goes on"],
      ["Shift Enter", "write the original; while writing, back one line"],
      ["Tab", "while writing: between original and translation"],
      ["Esc", "leave without a change"],
      ["I  O", "begin or end the line here"],
      ["P", "play the line as it is chosen"],
      ["1 … 9", "hear that take; with shift choose it"],
      ["`", "hear the original of the line"]
    ]
  ],
  [
    "Page",
    [
      ["Ctrl Z", "undo; with shift redo"],
      ["/", "search"],
      ["+  −  0", "zoom the timeline, show all of it"],
      ["?", "this list"]
    ]
  ]
];
function walk(step2) {
  const next = neighbour(step2);
  if (!next) return;
  selected.value = next.id;
  keepInSight();
  seek(next.start);
}
function edit(field) {
  const line = selectedLine.value ?? shown.value[0];
  if (!line) return;
  selected.value = line.id;
  keepInSight();
  editing.value = { id: line.id, field };
}
function setEdge(edge) {
  const line = selectedLine.value;
  if (line) void editLine(line.id, { [edge]: Math.round(now()) });
}
function take(number, choose) {
  const line = selectedLine.value;
  const found2 = line?.takes[number - 1];
  if (!line || !found2) return;
  if (choose) void chooseTake(line.id, found2.id);
  else void hearTake(line.id, found2);
}
function hearChosen() {
  const line = selectedLine.value;
  const found2 = line?.takes.find((one) => one.id === line.chosen);
  if (line && found2) void hearTake(line.id, found2);
}
var second = () => Math.round(clock.value.rate[0] / clock.value.rate[1]);
var PLAIN = {
  " ": toggle,
  k: pause2,
  j: () => shuttle(-1),
  l: () => shuttle(1),
  ArrowLeft: () => nudge(-1),
  ArrowRight: () => nudge(1),
  ArrowUp: () => walk(-1),
  ArrowDown: () => walk(1),
  PageUp: () => walk(-10),
  PageDown: () => walk(10),
  Home: () => seek(0),
  End: () => seek(Number.MAX_SAFE_INTEGER),
  Enter: () => edit("translation"),
  i: () => setEdge("start"),
  o: () => setEdge("end"),
  d: () => side.value = side.value === "dub" ? "original" : "dub",
  p: hearChosen,
  "`": () => selected.value && hearOriginal(selected.value),
  "/": () => document.getElementById("search")?.focus(),
  "+": () => zoom(0.5),
  "=": () => zoom(0.5),
  "-": () => zoom(2),
  "0": zoomToFit,
  Escape: pause2
};
var SHIFTED = {
  ArrowLeft: () => nudge(-second()),
  ArrowRight: () => nudge(second()),
  Enter: () => edit("text")
};
function taken(target, key) {
  if (!(target instanceof HTMLElement) || document.querySelector("dialog[open]")) return true;
  if (target.matches("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])")) return true;
  if (target.matches("input")) return key === " " || key.startsWith("Arrow");
  return target.matches("button, a") && (key === " " || key === "Enter");
}
function scriptKey(event) {
  if (event.isComposing || taken(event.target, event.key)) return false;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    void undo(event.shiftKey ? "redo" : "undo");
    return true;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  if (digit) {
    take(Number(digit), event.shiftKey);
    return true;
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const action = event.shiftKey && SHIFTED[key] || PLAIN[key];
  action?.();
  return action !== void 0;
}

// src/ui/Dialog.tsx
function Dialog({ title, onClose, children, wide }) {
  const element = T2(null);
  const id = P2();
  A2(() => element.current?.showModal(), []);
  const outside = (event) => event.target === element.current && onClose();
  return /* @__PURE__ */ a4("dialog", { ref: element, class: "dialog", "data-wide": wide || void 0, "aria-labelledby": id, onClose, onClick: outside, children: /* @__PURE__ */ a4("div", { class: "dialog-inside", children: [
    /* @__PURE__ */ a4("header", { class: "dialog-head", children: [
      /* @__PURE__ */ a4("h2", { id, children: title }),
      /* @__PURE__ */ a4(IconButton, { icon: "close", label: "Close", onClick: onClose })
    ] }),
    children
  ] }) });
}

// src/ui/Help.tsx
var helpOpen = y3(false);
function Help() {
  if (!helpOpen.value) return null;
  return /* @__PURE__ */ a4(Dialog, { title: "Keys", onClose: () => helpOpen.value = false, wide: true, children: /* @__PURE__ */ a4("div", { class: "keys", children: KEYS.map(([title, keys]) => /* @__PURE__ */ a4("section", { children: [
    /* @__PURE__ */ a4("h3", { children: title }),
    /* @__PURE__ */ a4("dl", { children: keys.map(([key, what]) => /* @__PURE__ */ a4("div", { children: [
      /* @__PURE__ */ a4("dt", { children: /* @__PURE__ */ a4("kbd", { children: key }) }),
      /* @__PURE__ */ a4("dd", { children: what })
    ] }, key)) })
  ] }, title)) }) });
}

// src/ui/Messages.tsx
function Messages() {
  return /* @__PURE__ */ a4("div", { class: "messages", role: "status", "aria-live": "polite", children: messages.value.map((message) => /* @__PURE__ */ a4("div", { class: `message message-${message.kind}`, children: [
    /* @__PURE__ */ a4("div", { children: [
      /* @__PURE__ */ a4("p", { children: message.text }),
      message.hint && /* @__PURE__ */ a4("p", { class: "message-hint", children: message.hint })
    ] }),
    /* @__PURE__ */ a4(IconButton, { icon: "close", label: "Close this message", onClick: () => dismiss(message.id) })
  ] }, message.id)) });
}

// src/facts.ts
var service = y3(null);
var projects = y3(null);
var checks = y3(null);
var engines = y3(null);
var languages = y3(null);
var formats = y3(null);
var loadService = async () => void (service.value = await get("/service"));
var loadProjects = async () => void (projects.value = await get("/projects"));
var loadLanguages = async () => void (languages.value ??= await get("/languages"));
var loadFormats = async () => void (formats.value ??= await get("/formats"));
async function loadSetup() {
  const [doctor, list] = await Promise.all([
    get("/doctor"),
    get("/engines")
  ]);
  checks.value = doctor.checks;
  engines.value = list.engines;
}
function working(kind2) {
  return (engines.value ?? []).filter((engine) => engine.kind === kind2 && engine.available).sort((a5, b3) => Number(a5.draft) - Number(b3.draft));
}

// src/views/Conform.tsx
function Conform() {
  const [plan, setPlan] = d2(null);
  const [file, setFile] = d2("");
  const [over, setOver] = d2(false);
  const id = project.value?.id;
  const take2 = async (list) => {
    const edited = list?.[0];
    if (!edited) return;
    try {
      const upload = await call("POST", `/uploads?name=${encodeURIComponent(edited.name)}`, edited);
      setPlan(await post(`/projects/${id}/conform`, { upload: upload.id }));
      setFile(edited.name);
    } catch (problem) {
      complain(problem);
    }
  };
  const apply = async () => {
    if (!plan) return;
    try {
      const job = await post(`/projects/${id}/conform/${plan.id}/apply`);
      keepJob(job);
      setPlan(null);
      go({ view: "job", id: job.id });
    } catch (problem) {
      complain(problem);
    }
  };
  return /* @__PURE__ */ a4("section", { class: "conform", "aria-label": "Conform", children: [
    /* @__PURE__ */ a4("h2", { children: "Follow an edited timeline" }),
    plan ? /* @__PURE__ */ a4(Plan, { plan, file, onApply: apply, onLeave: () => setPlan(null) }) : /* @__PURE__ */ a4(
      "label",
      {
        class: "drop",
        "data-over": over || void 0,
        onDragOver: (event) => {
          event.preventDefault();
          setOver(true);
        },
        onDragLeave: () => setOver(false),
        onDrop: (event) => {
          event.preventDefault();
          setOver(false);
          void take2(event.dataTransfer?.files);
        },
        children: [
          /* @__PURE__ */ a4("input", { type: "file", class: "hidden", onChange: (event) => take2(event.currentTarget.files) }),
          /* @__PURE__ */ a4("span", { class: "drop-title", children: "Drop the timeline that you edited, or choose it" }),
          /* @__PURE__ */ a4("span", { class: "muted", children: "You see what would change before anything does. Lines that did not move keep their samples." })
        ]
      }
    )
  ] });
}
function Plan({ plan, file, onApply, onLeave }) {
  const rows2 = plan.rows.filter((row) => row.what !== "same" || row.conflict);
  const counts = Object.entries(plan.counts).filter(([, count]) => count).map(([what, count]) => `${count} ${what}`).join(", ");
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("p", { children: [
      file,
      ": ",
      /* @__PURE__ */ a4("span", { class: "muted", children: counts || "nothing changed" })
    ] }),
    rows2.length ? /* @__PURE__ */ a4(Table, { rows: rows2 }) : /* @__PURE__ */ a4(Empty, { title: "Nothing to do: every line is where it was." }),
    /* @__PURE__ */ a4("div", { class: "actions", children: [
      /* @__PURE__ */ a4(Button, { kind: "first", onClick: onApply, disabled: !plan.applies, children: "Apply" }),
      /* @__PURE__ */ a4(Button, { onClick: onLeave, children: "Leave it" })
    ] })
  ] });
}
function Table({ rows: rows2 }) {
  const at = (position2) => position2 === null ? "–" : timecode(clock.value, position2);
  return /* @__PURE__ */ a4("div", { class: "table-box", tabIndex: 0, role: "region", "aria-label": "What would change", children: /* @__PURE__ */ a4("table", { class: "plan", children: [
    /* @__PURE__ */ a4("thead", { children: /* @__PURE__ */ a4("tr", { children: [
      /* @__PURE__ */ a4("th", { scope: "col", children: "Line" }),
      /* @__PURE__ */ a4("th", { scope: "col", children: "What happened" }),
      /* @__PURE__ */ a4("th", { scope: "col", children: "From" }),
      /* @__PURE__ */ a4("th", { scope: "col", children: "To" }),
      /* @__PURE__ */ a4("th", { scope: "col", children: "Words" })
    ] }) }),
    /* @__PURE__ */ a4("tbody", { children: rows2.map((row) => /* @__PURE__ */ a4("tr", { "data-conflict": row.conflict || void 0, children: [
      /* @__PURE__ */ a4("td", { children: [
        /* @__PURE__ */ a4("span", { class: "dot", style: { background: colours.value.get(row.speaker) } }),
        " ",
        names.value.get(row.speaker) ?? row.line
      ] }),
      /* @__PURE__ */ a4("td", { children: [
        row.what,
        row.note && /* @__PURE__ */ a4("span", { class: "muted", children: [
          " ",
          row.note
        ] })
      ] }),
      /* @__PURE__ */ a4("td", { class: "number", children: at(row.from) }),
      /* @__PURE__ */ a4("td", { class: "number", children: at(row.to) }),
      /* @__PURE__ */ a4("td", { class: "plan-text", children: row.text })
    ] }, `${row.line} ${row.what} ${row.to}`)) })
  ] }) });
}

// src/views/FormatChoice.tsx
function FormatChoice({ list, chosen, onChange }) {
  const flip2 = (name, on) => onChange(on ? [...chosen, name] : chosen.filter((one) => one !== name));
  return /* @__PURE__ */ a4("ul", { class: "formats", children: list.map((format) => /* @__PURE__ */ a4("li", { children: /* @__PURE__ */ a4("label", { title: format.loses.length ? `It cannot hold: ${format.loses.join("; ")}` : "It holds everything", children: [
    /* @__PURE__ */ a4(
      "input",
      {
        type: "checkbox",
        checked: chosen.includes(format.name),
        onChange: (event) => flip2(format.name, event.currentTarget.checked)
      }
    ),
    /* @__PURE__ */ a4("span", { class: "format-title", children: format.title }),
    /* @__PURE__ */ a4("span", { class: "muted number", children: format.suffix })
  ] }) }, format.name)) });
}

// src/views/Deliver.tsx
function Deliver() {
  const [files, setFiles] = d2(null);
  const [chosen, setChosen] = d2(null);
  const id = project.value?.id;
  const finished = [...jobs.value.values()].filter((job) => job.project === id && job.state === "done").length;
  A2(() => {
    if (!id) return;
    loadFormats().catch(complain);
    get(`/projects/${id}/deliveries`).then(setFiles, complain);
  }, [id, finished, revision.value]);
  const list = chosen ?? standing(files);
  const running = activeJobs.value.find((job) => job.project === id && job.kind === "deliver");
  const deliver = () => post(`/projects/${id}/deliver`, { formats: list }).then(keepJob, complain);
  return /* @__PURE__ */ a4("main", { class: "deliver", children: [
    /* @__PURE__ */ a4("section", { "aria-label": "Deliver", children: [
      /* @__PURE__ */ a4("h1", { children: "Deliver" }),
      /* @__PURE__ */ a4("p", { class: "muted", children: [
        project.value?.name,
        " in ",
        project.value?.target_language
      ] }),
      /* @__PURE__ */ a4(FormatChoice, { list: formats.value ?? [], chosen: list, onChange: setChosen }),
      /* @__PURE__ */ a4("div", { class: "actions", children: [
        /* @__PURE__ */ a4(Button, { kind: "first", onClick: deliver, disabled: !list.length || running !== void 0, children: running ? "Writing" : `Deliver ${plural(list.length, "format")}` }),
        running && /* @__PURE__ */ a4(Bar, { share: running.fraction, label: "Delivery" }),
        !running && changedSinceMix.value.size > 0 && /* @__PURE__ */ a4("span", { class: "muted", children: "The mix is being brought up to date first." })
      ] })
    ] }),
    /* @__PURE__ */ a4("section", { "aria-label": "Files", children: [
      /* @__PURE__ */ a4("h2", { children: "Files" }),
      files?.length === 0 && /* @__PURE__ */ a4(Empty, { title: "Nothing delivered yet." }),
      /* @__PURE__ */ a4("ul", { class: "files", children: (files ?? []).map((file) => /* @__PURE__ */ a4(OneFile, { file }, file.path)) })
    ] }),
    /* @__PURE__ */ a4(Conform, {})
  ] });
}
function standing(files) {
  const known = new Set((files ?? []).map((file) => file.format));
  return (formats.value ?? []).map((format) => format.name).filter((name) => known.has(name));
}
function OneFile({ file }) {
  const show3 = () => post(`/projects/${project.value?.id}/reveal`, { path: file.path }).then(() => say(`Shown in its folder: ${file.name}`), complain);
  return /* @__PURE__ */ a4("li", { class: "delivered", children: [
    /* @__PURE__ */ a4(Icon, { name: file.format === "mp4" ? "film" : "file" }),
    /* @__PURE__ */ a4("span", { class: "delivered-name", children: [
      /* @__PURE__ */ a4("span", { class: "cut", title: file.path, children: file.name }),
      /* @__PURE__ */ a4("span", { class: "muted", children: [
        file.format,
        " · ",
        fileSize(file.size),
        file.stale && /* @__PURE__ */ a4("span", { class: "flag-warning", children: " · older than the script" })
      ] })
    ] }),
    /* @__PURE__ */ a4(IconButton, { icon: "reveal", label: `Show ${file.name} in its folder`, onClick: show3 }),
    /* @__PURE__ */ a4("a", { class: "icon-button", href: file.url, download: file.name, "aria-label": `Download ${file.name}`, title: `Download ${file.name}`, children: /* @__PURE__ */ a4(Icon, { name: "download" }) })
  ] });
}

// src/views/Home.tsx
function Home() {
  A2(() => {
    document.title = "Rythmo";
    Promise.all([loadService(), loadProjects(), loadSetup(), loadLanguages()]).catch(complain);
  }, []);
  const first = projects.value?.length === 0;
  return /* @__PURE__ */ a4("main", { class: "home", children: [
    /* @__PURE__ */ a4("section", { class: "welcome", children: [
      /* @__PURE__ */ a4("h1", { children: first ? "Dub a scene, put it right, take it back to your timeline." : "Projects" }),
      first && /* @__PURE__ */ a4(Explained, {}),
      /* @__PURE__ */ a4("div", { class: "actions", children: [
        /* @__PURE__ */ a4(Button, { kind: first ? "plain" : "first", onClick: () => go({ view: "new", source: "" }), children: "Dub a file or timeline" }),
        /* @__PURE__ */ a4(Example, { first })
      ] })
    ] }),
    /* @__PURE__ */ a4(Working, {}),
    projects.value && projects.value.length > 0 && /* @__PURE__ */ a4("ul", { class: "projects", "aria-label": "Projects", children: projects.value.map((one) => /* @__PURE__ */ a4(ProjectCard, { one }, one.id)) }),
    /* @__PURE__ */ a4(SetupLine, {})
  ] });
}
function Explained() {
  return /* @__PURE__ */ a4("ol", { class: "steps", children: [
    /* @__PURE__ */ a4("li", { children: [
      /* @__PURE__ */ a4("h2", { children: "Dub" }),
      /* @__PURE__ */ a4("p", { children: "Choose a film, a clip or a timeline. Rythmo finds who speaks, writes down what they say, translates it to the time each line has, and gives every speaker a voice." })
    ] }),
    /* @__PURE__ */ a4("li", { children: [
      /* @__PURE__ */ a4("h2", { children: "Put right" }),
      /* @__PURE__ */ a4("p", { children: "Read the script beside the picture. Change a word and hear the line again a moment later." })
    ] }),
    /* @__PURE__ */ a4("li", { children: [
      /* @__PURE__ */ a4("h2", { children: "Take home" }),
      /* @__PURE__ */ a4("p", { children: "Get a timeline with a track for each speaker, the M&E and subtitles. Edit it in your own program; Rythmo follows what you moved." })
    ] })
  ] });
}
function exampleLanguage() {
  const able = (languages.value ?? []).filter((one) => one.translate_from.includes("en") && one.voice);
  return (able.find((one) => one.code === "es") ?? able[0])?.code ?? "es";
}
function Example({ first }) {
  if (service.value && !service.value.example) return null;
  const begin = async () => {
    try {
      const job = await post("/jobs", {
        kind: "dub",
        source: "example:",
        source_language: "en",
        target_language: exampleLanguage()
      });
      keepJob(job);
      go({ view: "job", id: job.id });
    } catch (problem) {
      complain(problem);
    }
  };
  return /* @__PURE__ */ a4(Button, { kind: first ? "first" : "plain", onClick: begin, disabled: !service.value, children: "Dub the example" });
}
function Working() {
  const list = activeJobs.value.filter((job) => job.kind === "dub");
  if (!list.length) return null;
  return /* @__PURE__ */ a4("section", { class: "working", "aria-label": "Under way", children: [
    /* @__PURE__ */ a4("h2", { children: "Under way" }),
    /* @__PURE__ */ a4("ul", { children: list.map((job) => /* @__PURE__ */ a4("li", { children: [
      /* @__PURE__ */ a4("a", { href: href({ view: "job", id: job.id }), children: String(job.spec.source ?? job.kind).split(/[\\/]/).pop()?.replace("example:", "The example scene") }),
      /* @__PURE__ */ a4(Bar, { share: job.fraction, label: "Done" }),
      /* @__PURE__ */ a4("span", { class: "number muted", children: job.state === "queued" ? "waiting" : `${Math.round(job.fraction * 100)}%` })
    ] }, job.id)) })
  ] });
}
function ProjectCard({ one }) {
  return /* @__PURE__ */ a4("li", { class: "project-card", children: /* @__PURE__ */ a4("a", { href: href({ view: "project", id: one.id, tab: "script" }), children: [
    /* @__PURE__ */ a4("span", { class: "project-name", children: one.name }),
    /* @__PURE__ */ a4("span", { class: "project-languages", children: [
      one.source_language,
      " → ",
      one.target_language
    ] }),
    /* @__PURE__ */ a4("span", { class: "muted", children: [
      runningTime(one.duration / 48e3),
      " · ",
      plural(one.lines, "line")
    ] }),
    /* @__PURE__ */ a4("span", { class: "project-flags", children: [
      one.flags.error > 0 && /* @__PURE__ */ a4("span", { class: "flag-error", children: [
        one.flags.error,
        " to mend"
      ] }),
      one.flags.warning > 0 && /* @__PURE__ */ a4("span", { class: "flag-warning", children: [
        one.flags.warning,
        " to look at"
      ] }),
      !one.flags.error && !one.flags.warning && /* @__PURE__ */ a4("span", { class: "muted", children: "no flags" })
    ] }),
    /* @__PURE__ */ a4("span", { class: "muted project-when", children: ago(one.updated) })
  ] }) });
}
var KINDS = ["separator", "transcriber", "translator", "voice"];
function SetupLine() {
  if (!checks.value) return null;
  const wrong = checks.value.filter((check) => !check.ok);
  const drafts = KINDS.filter((kind2) => working(kind2)[0]?.draft);
  return /* @__PURE__ */ a4("section", { class: "setup-line", "aria-label": "Setup", children: [
    /* @__PURE__ */ a4("span", { class: wrong.length ? "flag-error" : "ready", children: /* @__PURE__ */ a4(Icon, { name: wrong.length ? "error" : "check" }) }),
    /* @__PURE__ */ a4("p", { children: [
      wrong.length ? `${plural(wrong.length, "thing")} must be set up before a dub can run.` : "Everything that a dub needs is here, and nothing leaves this machine.",
      !wrong.length && drafts.length > 0 && /* @__PURE__ */ a4("span", { class: "muted", children: [
        " ",
        "The built-in engines make drafts: good for timing and layout. Better ones can be added."
      ] })
    ] }),
    /* @__PURE__ */ a4("a", { href: href({ view: "setup" }), children: "Setup" })
  ] });
}

// src/views/Job.tsx
var WORDS = {
  ingest: "Read the sound and picture",
  scenes: "Find the cuts",
  separate: "Lift speech out of the background",
  speakers: "Find who speaks",
  diarize: "Find who speaks",
  transcribe: "Write down what they say",
  match: "Know speakers again",
  lines: "Make lines",
  cast: "Give each speaker a voice",
  translate: "Translate to the time there is",
  voice: "Speak the lines",
  fit: "Fit them to the picture",
  place: "Place the takes",
  mix: "Mix stems and master",
  qc: "Measure the result",
  deliver: "Write timelines, subtitles, film",
  conform: "Follow the edited timeline",
  picture: "Prepare the picture"
};
var stageTitle = (name) => WORDS[name] ?? name;
var found = y3(/* @__PURE__ */ new Map());
var people = y3(/* @__PURE__ */ new Map());
var shownJob = "";
onEvent((event) => {
  const job = jobs.value.get(shownJob);
  if (event.type !== "lines" || !job || (event.data.job ?? event.data.project) !== (event.data.job ? job.id : job.project)) {
    return;
  }
  const data = event.data;
  const lines2 = new Map(found.value);
  for (const line of data.lines) lines2.set(line.id, line);
  found.value = lines2;
  if (data.speakers.length) people.value = new Map([...people.value, ...data.speakers.map((one) => [one.id, one])]);
});
async function show2(id) {
  shownJob = id;
  found.value = /* @__PURE__ */ new Map();
  people.value = /* @__PURE__ */ new Map();
  const job = await get(`/jobs/${id}`);
  keepJob(job);
  if (!job.project) return;
  const project2 = await get(`/projects/${job.project}`).catch(() => null);
  if (!project2 || shownJob !== id) return;
  found.value = new Map([...project2.lines.map((line) => [line.id, line]), ...found.value]);
  people.value = new Map([...project2.speakers.map((one) => [one.id, one]), ...people.value]);
}
function Job({ id }) {
  A2(() => {
    show2(id).catch(complain);
    return x2(() => {
      const job2 = jobs.value.get(id);
      document.title = job2 && active(job2) ? `${Math.round(job2.fraction * 100)}% · Rythmo` : "Rythmo";
    });
  }, [id]);
  const job = jobs.value.get(id);
  if (!job) return /* @__PURE__ */ a4("main", { class: "job" });
  return /* @__PURE__ */ a4("main", { class: "job", "data-state": job.state, children: [
    /* @__PURE__ */ a4(Head, { job }),
    /* @__PURE__ */ a4("div", { class: "job-body", children: [
      /* @__PURE__ */ a4(Stages, { job }),
      /* @__PURE__ */ a4(Found, { job })
    ] })
  ] });
}
var STATE = {
  queued: "Waiting for its turn",
  running: "Dubbing",
  done: "Done",
  failed: "Stopped",
  cancelled: "Cancelled",
  paused: "Paused"
};
function titleOf(job) {
  const source2 = String(job.spec.source ?? "");
  if (source2.startsWith("example:")) return "The example scene";
  return source2.split(/[\\/]/).pop() || job.kind;
}
function Head({ job }) {
  const percent = job.state === "done" ? 1 : job.fraction;
  const project2 = job.result?.project ?? job.project;
  return /* @__PURE__ */ a4("header", { class: "job-head", children: [
    /* @__PURE__ */ a4("div", { class: "job-title", children: [
      /* @__PURE__ */ a4("div", { children: [
        /* @__PURE__ */ a4("p", { class: "eyebrow", children: STATE[job.state] }),
        /* @__PURE__ */ a4("h1", { children: titleOf(job) })
      ] }),
      /* @__PURE__ */ a4("div", { class: "actions", children: [
        active(job) && /* @__PURE__ */ a4(Button, { onClick: () => remove(`/jobs/${job.id}`).then(() => say("The job is being cancelled."), complain), children: "Cancel" }),
        (job.state === "failed" || job.state === "cancelled") && /* @__PURE__ */ a4(Button, { kind: "first", onClick: () => post(`/jobs/${job.id}/retry`).then(again, complain), children: "Take it up again" }),
        job.state === "done" && project2 && /* @__PURE__ */ a4(Button, { kind: "first", onClick: () => go({ view: "project", id: project2, tab: "script" }), children: "Open the script" })
      ] })
    ] }),
    /* @__PURE__ */ a4(Bar, { share: percent, label: "Whole job" }),
    /* @__PURE__ */ a4(Figures, { job, percent }),
    job.error && /* @__PURE__ */ a4("div", { class: "problem", role: "alert", children: [
      /* @__PURE__ */ a4("p", { children: job.error.message }),
      /* @__PURE__ */ a4("p", { class: "muted", children: job.error.hint })
    ] })
  ] });
}
function again(job) {
  keepJob(job);
  go({ view: "job", id: job.id });
}
function Figures({ job, percent }) {
  const left = job.state === "running" && job.seconds_left !== null ? remaining(job.seconds_left) : null;
  const took = job.started && job.finished ? runningTime(job.finished - job.started) : null;
  const cost = job.cost ? `${job.cost.amount.toFixed(2)} ${job.cost.currency}` : "nothing";
  const figures = [
    ["Done", `${Math.round(percent * 100)}%`],
    took ? ["Took", took] : ["Time left", left ?? "not known yet"],
    ["Chunks", job.chunks.total ? `${job.chunks.done} of ${job.chunks.total}` : "–"],
    ["Speakers", job.speakers ? String(job.speakers) : "–"],
    ["Lines found", String(job.lines.found)],
    ["Translated", String(job.lines.translated)],
    ["Voiced", String(job.lines.voiced)],
    ["Money spent", cost]
  ];
  return /* @__PURE__ */ a4("dl", { class: "figures", children: figures.map(([name, value]) => /* @__PURE__ */ a4("div", { children: [
    /* @__PURE__ */ a4("dt", { children: name }),
    /* @__PURE__ */ a4("dd", { class: "number", children: value })
  ] }, name)) });
}
function Stages({ job }) {
  return /* @__PURE__ */ a4("section", { class: "stages", "aria-label": "Stages", children: [
    /* @__PURE__ */ a4("h2", { children: "Stages" }),
    /* @__PURE__ */ a4("ol", { children: job.stages.map((stage) => /* @__PURE__ */ a4(Stage, { stage }, stage.name)) }),
    job.notes.length > 0 && /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4("h2", { children: "Notes" }),
      /* @__PURE__ */ a4("ul", { class: "notes", children: job.notes.map((note) => /* @__PURE__ */ a4("li", { children: note }, note)) })
    ] })
  ] });
}
function Stage({ stage }) {
  const share = stage.state === "done" ? 1 : stage.total ? stage.done / stage.total : 0;
  return /* @__PURE__ */ a4("li", { class: "job-stage", "data-state": stage.state, children: [
    /* @__PURE__ */ a4("span", { class: "stage-mark", "aria-hidden": "true", children: stage.state === "done" && /* @__PURE__ */ a4(Icon, { name: "check" }) }),
    /* @__PURE__ */ a4("span", { class: "stage-title", children: stageTitle(stage.name) }),
    /* @__PURE__ */ a4("span", { class: "hidden", children: stage.state }),
    stage.state === "running" && /* @__PURE__ */ a4(Bar, { share, label: stageTitle(stage.name) }),
    stage.detail && stage.state === "running" && /* @__PURE__ */ a4("span", { class: "muted cut stage-detail", children: stage.detail })
  ] });
}
var SHOWN = 200;
function Found({ job }) {
  const lines2 = [...found.value.values()].sort((a5, b3) => a5.start - b3.start);
  const hidden = Math.max(0, lines2.length - SHOWN);
  return /* @__PURE__ */ a4("section", { class: "found", "aria-label": "Lines as they are found", children: [
    /* @__PURE__ */ a4("h2", { children: lines2.length ? plural(lines2.length, "line") : "Lines" }),
    !lines2.length && /* @__PURE__ */ a4(Empty, { title: "Lines appear here as they are recognised, translated and voiced." }),
    hidden > 0 && /* @__PURE__ */ a4("p", { class: "muted", children: [
      plural(hidden, "earlier line"),
      "; ",
      /* @__PURE__ */ a4("a", { href: job.project ? href({ view: "project", id: job.project, tab: "script" }) : "#/", children: "open the script" })
    ] }),
    /* @__PURE__ */ a4("ol", { class: "found-lines", children: lines2.slice(hidden).map((line) => /* @__PURE__ */ a4(FoundLine, { line }, line.id)) })
  ] });
}
function FoundLine({ line }) {
  const who = people.value.get(line.speaker);
  return /* @__PURE__ */ a4("li", { class: "found-line", "data-status": line.status, "data-line": line.id, style: { borderLeftColor: who?.colour }, children: [
    /* @__PURE__ */ a4("span", { class: "found-who", children: who?.name ?? line.speaker }),
    /* @__PURE__ */ a4("span", { class: "found-text", children: line.text }),
    /* @__PURE__ */ a4("span", { class: "found-translation", children: line.translation }),
    /* @__PURE__ */ a4("span", { class: "found-status", children: line.status })
  ] });
}

// src/ui/Browse.tsx
var ICONS = {
  folder: "folder",
  media: "film",
  timeline: "fit",
  project: "file",
  subtitles: "file"
};
function Browse({ title, kinds, onChoose, onClose }) {
  const [listing, setListing] = d2(null);
  const [typed, setTyped] = d2("");
  const show3 = async (path) => {
    try {
      setListing(await get(path === null ? "/browse" : `/browse?path=${encodeURIComponent(path)}`));
    } catch (problem) {
      complain(problem);
    }
  };
  A2(() => void show3(null), []);
  const enter = async (entry) => {
    if (entry.kind !== "folder") return onChoose(entry);
    if (entry.candidate) await post("/folders", { path: entry.path }).catch(complain);
    await show3(entry.path);
  };
  const take2 = async () => {
    const path = typed.trim();
    const { folder, name } = split(path);
    try {
      if (!name || !await openFile(folder, name, kinds, onChoose)) {
        await post("/folders", { path });
        await show3(path);
      }
    } catch (problem) {
      complain(problem);
    }
  };
  const entries = (listing?.entries ?? []).filter((entry) => entry.kind === "folder" || kinds.includes(entry.kind));
  return /* @__PURE__ */ a4(Dialog, { title, onClose, wide: true, children: [
    /* @__PURE__ */ a4(
      "form",
      {
        class: "browse-path",
        onSubmit: (event) => {
          event.preventDefault();
          void take2();
        },
        children: [
          /* @__PURE__ */ a4(Button, { disabled: !listing?.path, onClick: () => show3(listing?.parent ?? null), title: "The folder above", children: [
            /* @__PURE__ */ a4(Icon, { name: "up" }),
            /* @__PURE__ */ a4("span", { class: "hidden", children: "The folder above" })
          ] }),
          /* @__PURE__ */ a4(
            "input",
            {
              "aria-label": "Path",
              placeholder: "Paste a path, or choose below",
              value: typed || (listing?.path ?? ""),
              spellcheck: false,
              onInput: (event) => setTyped(event.currentTarget.value)
            }
          ),
          /* @__PURE__ */ a4(Button, { type: "submit", disabled: !typed.trim(), children: "Go" })
        ]
      }
    ),
    /* @__PURE__ */ a4("ul", { class: "browse-list", "aria-label": "Content", children: [
      entries.map((entry) => /* @__PURE__ */ a4("li", { children: /* @__PURE__ */ a4(
        "button",
        {
          type: "button",
          class: "browse-entry",
          onClick: () => {
            setTyped("");
            void enter(entry);
          },
          children: [
            /* @__PURE__ */ a4(Icon, { name: ICONS[entry.kind] }),
            /* @__PURE__ */ a4("span", { class: "cut", children: entry.name }),
            entry.kind === "folder" && /* @__PURE__ */ a4(Icon, { name: "chevron" })
          ]
        }
      ) }, entry.path)),
      listing && !entries.length && /* @__PURE__ */ a4(Empty, { title: "Nothing here that Rythmo can use." })
    ] })
  ] });
}
function split(path) {
  const at = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return { folder: path.slice(0, at) || "/", name: path.slice(at + 1) };
}
async function openFile(folder, name, kinds, choose) {
  if (!/\.\w+$/.test(name)) return false;
  await post("/folders", { path: folder });
  const listing = await get(`/browse?path=${encodeURIComponent(folder)}`);
  const found2 = listing.entries.find((entry) => entry.name === name);
  if (!found2) throw new ApiError(`There is no ${name} in ${folder} that Rythmo can use.`, "Look at the spelling.", "none", 404);
  if (!kinds.includes(found2.kind)) return false;
  choose(found2);
  return true;
}

// src/views/New.tsx
var KINDS2 = [
  ["separator", "Separation"],
  ["transcriber", "Recognition"],
  ["translator", "Translation"],
  ["voice", "Voices"]
];
var STANDARD = ["otio", "srt", "mp4"];
function New({ source: source2 }) {
  const [choice2, setChoice] = d2({
    source: source2,
    from: "",
    to: "",
    speakers: "",
    script: "",
    engines: {},
    formats: STANDARD
  });
  const [browsing, setBrowsing] = d2(null);
  const set = (more) => setChoice((old) => ({ ...old, ...more }));
  A2(() => {
    document.title = "New dub · Rythmo";
    Promise.all([loadLanguages(), loadSetup(), loadFormats()]).catch(complain);
  }, []);
  const begin = async (event) => {
    event.preventDefault();
    try {
      const job = await post("/jobs", asked2(choice2));
      keepJob(job);
      go({ view: "job", id: job.id });
    } catch (problem) {
      complain(problem);
    }
  };
  const chosen = (entry) => {
    if (entry.kind === "project") void openProject(entry.path);
    else set(browsing === "script" ? { script: entry.path } : { source: entry.path });
    setBrowsing(null);
  };
  return /* @__PURE__ */ a4("main", { class: "new", children: [
    /* @__PURE__ */ a4("h1", { children: "New dub" }),
    /* @__PURE__ */ a4("form", { onSubmit: begin, class: "form", children: [
      /* @__PURE__ */ a4("div", { class: "form-row", children: [
        /* @__PURE__ */ a4("span", { class: "form-label", id: "source-label", children: "File or timeline" }),
        /* @__PURE__ */ a4("div", { class: "file", children: [
          /* @__PURE__ */ a4("output", { "aria-labelledby": "source-label", class: choice2.source ? "cut" : "cut muted", title: choice2.source, children: choice2.source || "nothing chosen yet" }),
          /* @__PURE__ */ a4(Button, { onClick: () => setBrowsing("source"), children: "Choose" })
        ] })
      ] }),
      /* @__PURE__ */ a4(Languages, { choice: choice2, set }),
      /* @__PURE__ */ a4("label", { class: "form-row", children: [
        /* @__PURE__ */ a4("span", { class: "form-label", children: "Speakers" }),
        /* @__PURE__ */ a4(
          "input",
          {
            type: "number",
            min: 1,
            max: 100,
            class: "short",
            placeholder: "found by itself",
            value: choice2.speakers,
            onInput: (event) => set({ speakers: event.currentTarget.value })
          }
        )
      ] }),
      /* @__PURE__ */ a4("div", { class: "form-row", children: [
        /* @__PURE__ */ a4("span", { class: "form-label", id: "script-label", children: "Subtitles of the original" }),
        /* @__PURE__ */ a4("div", { class: "file", children: [
          /* @__PURE__ */ a4("output", { "aria-labelledby": "script-label", class: choice2.script ? "cut" : "cut muted", title: choice2.script, children: choice2.script || "none: the words are recognised" }),
          /* @__PURE__ */ a4(Button, { onClick: () => choice2.script ? set({ script: "" }) : setBrowsing("script"), children: choice2.script ? "Remove" : "Choose" })
        ] })
      ] }),
      /* @__PURE__ */ a4(Engines, { choice: choice2, set }),
      /* @__PURE__ */ a4("fieldset", { class: "form-row form-top", children: [
        /* @__PURE__ */ a4("legend", { class: "form-label", children: "Deliver" }),
        /* @__PURE__ */ a4(FormatChoice, { list: formats.value ?? [], chosen: choice2.formats, onChange: (list) => set({ formats: list }) })
      ] }),
      /* @__PURE__ */ a4("div", { class: "form-end", children: [
        /* @__PURE__ */ a4(Button, { kind: "first", type: "submit", disabled: !choice2.source || !choice2.to, children: "Start the dub" }),
        (!choice2.source || !choice2.to) && /* @__PURE__ */ a4("span", { class: "muted", children: choice2.source ? "Choose a language." : "Choose what to dub." })
      ] })
    ] }),
    browsing && /* @__PURE__ */ a4(
      Browse,
      {
        title: browsing === "script" ? "Choose subtitles" : "Choose a film, clip or timeline",
        kinds: browsing === "script" ? ["subtitles"] : ["media", "timeline", "project"],
        onChoose: chosen,
        onClose: () => setBrowsing(null)
      }
    )
  ] });
}
function Languages({ choice: choice2, set }) {
  const list = languages.value ?? [];
  const sources = [...new Set(list.flatMap((one) => one.translate_from))].sort();
  const name = (code) => list.find((one) => one.code === code)?.name ?? code;
  const targets = list.filter((one) => one.voice && (!choice2.from || one.translate_from.includes(choice2.from)));
  return /* @__PURE__ */ a4("div", { class: "form-row", children: [
    /* @__PURE__ */ a4("span", { class: "form-label", children: "Language" }),
    /* @__PURE__ */ a4("div", { class: "pair", children: [
      /* @__PURE__ */ a4("label", { children: [
        /* @__PURE__ */ a4("span", { class: "hidden", children: "From" }),
        /* @__PURE__ */ a4("select", { value: choice2.from, onChange: (event) => set({ from: event.currentTarget.value }), children: [
          /* @__PURE__ */ a4("option", { value: "", children: "From: heard by itself" }),
          sources.map((code) => /* @__PURE__ */ a4("option", { value: code, children: [
            "From ",
            name(code)
          ] }, code))
        ] })
      ] }),
      /* @__PURE__ */ a4("label", { children: [
        /* @__PURE__ */ a4("span", { class: "hidden", children: "To" }),
        /* @__PURE__ */ a4("select", { value: choice2.to, required: true, onChange: (event) => set({ to: event.currentTarget.value }), children: [
          /* @__PURE__ */ a4("option", { value: "", children: "To …" }),
          targets.map((one) => /* @__PURE__ */ a4("option", { value: one.code, children: [
            "To ",
            one.name
          ] }, one.code))
        ] })
      ] })
    ] })
  ] });
}
function Engines({ choice: choice2, set }) {
  if (!engines.value) return null;
  return /* @__PURE__ */ a4("fieldset", { class: "form-row form-top", children: [
    /* @__PURE__ */ a4("legend", { class: "form-label", children: "Engines" }),
    /* @__PURE__ */ a4("div", { class: "pairs", children: KINDS2.map(([kind2, title]) => /* @__PURE__ */ a4("label", { class: "field", children: [
      /* @__PURE__ */ a4("span", { children: title }),
      /* @__PURE__ */ a4(
        "select",
        {
          value: choice2.engines[kind2] ?? "",
          onChange: (event) => set({ engines: { ...choice2.engines, [kind2]: event.currentTarget.value } }),
          children: [
            /* @__PURE__ */ a4("option", { value: "", children: "Best that works here" }),
            working(kind2).map((engine) => /* @__PURE__ */ a4("option", { value: engine.name, children: [
              engine.name,
              engine.draft ? " (draft)" : ""
            ] }, engine.name))
          ]
        }
      )
    ] }, kind2)) })
  ] });
}
async function openProject(path) {
  try {
    const project2 = await post("/projects", { path });
    go({ view: "project", id: project2.id, tab: "script" });
  } catch (problem) {
    complain(problem);
  }
}
function asked2(choice2) {
  const engines2 = Object.fromEntries(Object.entries(choice2.engines).filter(([, name]) => name));
  return {
    kind: "dub",
    source: choice2.source,
    target_language: choice2.to,
    formats: choice2.formats,
    key: crypto.randomUUID(),
    ...choice2.from && { source_language: choice2.from },
    ...choice2.speakers && { speakers: Number(choice2.speakers) },
    ...choice2.script && { script: choice2.script },
    ...Object.keys(engines2).length > 0 && { engines: engines2 }
  };
}

// src/views/Quality.tsx
function Quality() {
  const [report, setReport] = d2(null);
  const id = project.value?.id;
  A2(() => {
    if (!id) return;
    get(`/projects/${id}/qc`).then(setReport, (problem) => {
      if (!(problem instanceof ApiError && problem.status === 404)) complain(problem);
    });
  }, [id, revision.value]);
  const list = everything(report);
  const count = (severity) => list.filter((one) => one.severity === severity).length;
  return /* @__PURE__ */ a4("main", { class: "quality", children: [
    /* @__PURE__ */ a4("header", { class: "page-head", children: [
      /* @__PURE__ */ a4("h1", { children: "Quality" }),
      report?.html && /* @__PURE__ */ a4("a", { href: report.html, target: "_blank", rel: "noopener", children: "Full report" })
    ] }),
    report ? /* @__PURE__ */ a4(Measures, { report }) : /* @__PURE__ */ a4(Empty, { title: "Not measured yet. The report comes with the first mix." }),
    /* @__PURE__ */ a4("section", { "aria-label": "What to look at", children: [
      /* @__PURE__ */ a4("h2", { children: list.length ? `${count("error")} to mend, ${count("warning")} to look at, ${plural(count("info"), "note")}` : "Nothing to look at" }),
      /* @__PURE__ */ a4("ul", { class: "findings", children: list.map((one) => /* @__PURE__ */ a4(Finding, { one }, `${one.line} ${one.position} ${one.code}`)) })
    ] })
  ] });
}
function everything(report) {
  const all = /* @__PURE__ */ new Map();
  for (const line of lines.value) {
    for (const flag of line.flags) all.set(`${line.id} ${flag.code}`, { line: line.id, position: line.start, ...flag });
  }
  for (const one of report?.findings ?? []) {
    const key = one.line ? `${one.line} ${one.code}` : `${one.position} ${one.code}`;
    if (!all.has(key) && (!one.line || byId.value.has(one.line))) all.set(key, one);
  }
  return [...all.values()].sort((a5, b3) => WEIGHT[a5.severity] - WEIGHT[b3.severity] || (a5.position ?? -1) - (b3.position ?? -1));
}
function Finding({ one }) {
  const line = one.line ? byId.value.get(one.line) : void 0;
  const at = one.position ?? line?.start ?? null;
  const open2 = () => {
    if (line) selected.value = line.id;
    const id = project.value?.id;
    if (id) go({ view: "project", id, tab: "script" });
    if (at !== null) requestAnimationFrame(() => seek(at));
  };
  return /* @__PURE__ */ a4("li", { children: /* @__PURE__ */ a4("button", { type: "button", class: "finding", onClick: open2, children: [
    /* @__PURE__ */ a4("span", { class: `flag flag-${one.severity}`, children: [
      /* @__PURE__ */ a4(Icon, { name: one.severity }),
      /* @__PURE__ */ a4("span", { class: "hidden", children: one.severity })
    ] }),
    /* @__PURE__ */ a4("span", { class: "number muted", children: at === null ? "whole" : timecode(clock.value, at) }),
    /* @__PURE__ */ a4("span", { class: "finding-who", children: line && /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4("span", { class: "dot", style: { background: colours.value.get(line.speaker) } }),
      /* @__PURE__ */ a4("span", { class: "cut", children: names.value.get(line.speaker) })
    ] }) }),
    /* @__PURE__ */ a4("span", { class: "finding-text", children: [
      one.message,
      line && /* @__PURE__ */ a4("span", { class: "muted cut", children: line.translation || line.text })
    ] })
  ] }) });
}
function Measures({ report }) {
  const mix = report.levels.find((level) => level.stem === "MIX");
  const dub = report.subtitles.find((one) => one.language === project.value?.target_language);
  const share = report.fit.share_in_band;
  const figures = [
    ["Lines that fit", share === null ? "–" : `${Math.round(share * 100)}%`, `${report.fit.in_band} of ${report.fit.placed} within -10% to +20% of the original`],
    ["Fastest line", report.fit.fastest === null ? "–" : `${report.fit.fastest.toFixed(2)}×`, "1.00× is as spoken"],
    ["Loudness of the mix", mix?.integrated_lufs == null ? "–" : `${mix.integrated_lufs.toFixed(1)} LUFS`, mix?.true_peak_dbtp == null ? "" : `true peak ${mix.true_peak_dbtp.toFixed(1)} dBTP`],
    ["Original voice left", report.residue_db === null ? "–" : `${report.residue_db.toFixed(0)} dB`, "in the M&E"],
    ["Stems", report.stems.sum_error_steps === 0 ? "exact" : report.stems.sum_error_steps === null ? "–" : `${report.stems.sum_error_steps} steps off`, "DX and M&E sum to the mix"],
    ["Fastest subtitle", dub ? `${dub.fastest_cps.toFixed(1)}` : "–", "characters a second"]
  ];
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("dl", { class: "measures", children: figures.map(([name, value, note]) => /* @__PURE__ */ a4("div", { children: [
      /* @__PURE__ */ a4("dt", { children: name }),
      /* @__PURE__ */ a4("dd", { class: "number", children: value }),
      /* @__PURE__ */ a4("dd", { class: "muted", children: note })
    ] }, name)) }),
    /* @__PURE__ */ a4(Histogram, { bins: report.fit.histogram })
  ] });
}
function Histogram({ bins }) {
  const most = Math.max(1, ...bins.map(([, count]) => count));
  const used = bins.filter(([edge]) => edge >= 0.5 && edge <= 1.7);
  return /* @__PURE__ */ a4("figure", { class: "histogram", children: [
    /* @__PURE__ */ a4("figcaption", { children: "Length of the takes beside the originals" }),
    /* @__PURE__ */ a4("div", { class: "columns", children: used.map(([edge, count]) => /* @__PURE__ */ a4("div", { class: "column", "data-good": edge >= 0.85 && edge < 1.15, title: `${edge.toFixed(1)} to ${(edge + 0.1).toFixed(1)}: ${plural(count, "line")}`, children: [
      /* @__PURE__ */ a4("span", { class: "column-count number", children: count || "" }),
      /* @__PURE__ */ a4("span", { class: "column-bar", style: { height: `${count / most * 72}px` } }),
      /* @__PURE__ */ a4("span", { class: "column-edge number", children: edge.toFixed(1) })
    ] }, edge)) })
  ] });
}

// src/band/layout.ts
var weight = (word) => word.replace(/[^\p{L}\p{N}]/gu, "").length + 1;
function phrases(line, words2) {
  const { placement } = line;
  if (placement?.pieces?.length) return placement.pieces.map((piece) => [piece.start, piece.end]);
  if (placement) return [[placement.start, placement.end]];
  const spans = [];
  for (const word of words2 ?? []) {
    const last2 = spans.at(-1);
    if (last2 && word.start - last2[1] < PAUSE_SAMPLES) last2[1] = word.end;
    else spans.push([word.start, word.end]);
  }
  return spans.length ? spans : [[line.start, line.end]];
}
var PAUSE_SAMPLES = 14400;
function spread(text, spans) {
  const parts2 = text.split(/\s+/).filter(Boolean);
  const letters = parts2.reduce((sum, part) => sum + weight(part), 0);
  const room = spans.reduce((sum, [start, end]) => sum + end - start, 0);
  if (!letters || !room) return [];
  const groups = spans.map(() => []);
  let passed = 0;
  for (const part of parts2) {
    const middle = (passed + weight(part) / 2) / letters * room;
    passed += weight(part);
    groups[phraseAt(spans, middle)]?.push(part);
  }
  return spans.flatMap(([start, end], at) => fill(groups[at] ?? [], start, end));
}
function phraseAt(spans, spoken) {
  let before = 0;
  for (let at = 0; at < spans.length; at++) {
    const [start, end] = spans[at];
    before += end - start;
    if (spoken <= before) return at;
  }
  return spans.length - 1;
}
function fill(parts2, start, end) {
  const letters = parts2.reduce((sum, part) => sum + weight(part), 0);
  let at = start;
  return parts2.map((text) => {
    const from = at;
    at += (end - start) * weight(text) / letters;
    return { text, start: Math.round(from), end: Math.round(at) };
  });
}

// src/band/draw.ts
var PIXELS_PER_SECOND = 150;
var BAR = 0.28;
function xAt(strip, samples) {
  return strip.width * BAR + (samples - strip.now) / strip.sampleRate * PIXELS_PER_SECOND;
}
function samplesAt2(strip, x3) {
  return strip.now + (x3 - strip.width * BAR) / PIXELS_PER_SECOND * strip.sampleRate;
}
function drawBand(strip) {
  const { context: context2, width: width2, height: height2, ink: ink2 } = strip;
  context2.fillStyle = ink2.panel;
  context2.fillRect(0, 0, width2, height2);
  seconds2(strip);
  for (const line of strip.lines) drawLine2(strip, line);
  const bar = Math.round(width2 * BAR);
  context2.fillStyle = ink2.text;
  context2.fillRect(bar - 1, 0, 2, height2);
}
function seconds2(strip) {
  const { context: context2, width: width2, height: height2, ink: ink2, sampleRate } = strip;
  context2.fillStyle = ink2.line;
  const first = Math.floor(samplesAt2(strip, 0) / sampleRate);
  for (let at = Math.max(0, first); xAt(strip, at * sampleRate) < width2; at++) {
    context2.fillRect(Math.round(xAt(strip, at * sampleRate)), height2 - 4, 1, 4);
  }
}
function drawLine2(strip, line) {
  const row = strip.rows.get(line.speaker) ?? 0;
  const rowHeight = (strip.height - 4) / strip.rowCount;
  const top2 = row * rowHeight;
  const said = strip.words.get(line.id);
  const spans = phrases(line, said);
  const { context: context2, ink: ink2 } = strip;
  context2.fillStyle = strip.colours.get(line.speaker) ?? ink2.muted;
  for (const [start, end] of spans) {
    const x3 = xAt(strip, start);
    context2.fillRect(x3, top2 + rowHeight - 4, xAt(strip, end) - x3, 3);
  }
  const size2 = Math.max(13, Math.min(22, rowHeight - (said ? 24 : 12)));
  const first = spans[0]?.[0] ?? line.start;
  if (said && rowHeight >= 34) original(strip, said, top2 + 9);
  else tag(strip, line, first, top2 + 9);
  context2.fillStyle = ink2.text;
  context2.font = `560 ${size2}px ${FONT}`;
  context2.textBaseline = "alphabetic";
  const text = line.translation || line.text;
  for (const mark of spread(text, spans)) stretched(strip, mark, top2 + rowHeight - 9);
}
function stretched(strip, mark, baseline) {
  const { context: context2 } = strip;
  const x3 = xAt(strip, mark.start);
  const room = xAt(strip, mark.end) - x3;
  if (x3 > strip.width || x3 + room < 0) return;
  const natural = context2.measureText(mark.text).width;
  const across = Math.max(0.35, Math.min(2.4, (room - 4) / natural));
  context2.save();
  context2.translate(x3 + 1, baseline);
  context2.scale(across, 1);
  context2.fillText(mark.text, 0, 0);
  context2.restore();
}
function original(strip, words2, middle) {
  const { context: context2, ink: ink2 } = strip;
  context2.font = `11px ${FONT}`;
  context2.textBaseline = "middle";
  context2.fillStyle = ink2.muted;
  for (const word of words2) {
    const x3 = xAt(strip, word.start);
    if (x3 < strip.width && xAt(strip, word.end) > 0) {
      context2.fillText(word.text, x3 + 1, middle, Math.max(8, xAt(strip, word.end) - x3));
    }
  }
}
function tag(strip, line, start, middle) {
  const { context: context2, ink: ink2 } = strip;
  context2.font = `11px ${FONT}`;
  context2.textBaseline = "middle";
  context2.fillStyle = ink2.muted;
  context2.fillText(strip.names.get(line.speaker) ?? "", xAt(strip, start) + 1, middle);
}

// src/band/Band.tsx
var ROWS = 3;
var LONGEST_SECONDS = 40;
var size = y3({ width: 400, height: 96 });
var came = y3(0);
function Band() {
  const box = T2(null);
  const canvas = T2(null);
  A2(() => {
    const watch = new ResizeObserver(([entry]) => {
      if (entry) size.value = { width: Math.floor(entry.contentRect.width), height: Math.floor(entry.contentRect.height) };
    });
    if (box.current) watch.observe(box.current);
    const paint2 = () => canvas.current && paintBand(canvas.current);
    const stopFrames = onFrame(paint2);
    const stopEffect = x2(() => {
      void [size.value, came.value, lines.value, colours.value, ink.value, clock.value];
      paint2();
    });
    const stopWords = x2(() => {
      void position.value;
      void lines.value;
      for (const line of inSight(now())) {
        if (!knownWords.has(line.id)) wordsOf(line.id).then(() => came.value += 1, () => void 0);
      }
    });
    return () => {
      watch.disconnect();
      stopFrames();
      stopEffect();
      stopWords();
    };
  }, []);
  const click2 = (event) => {
    const at = samplesAt2({ now: now(), sampleRate: clock.value.sampleRate, width: size.value.width }, event.offsetX);
    seek(at);
    const line = lineAt(at);
    if (line) selected.value = line.id;
  };
  return /* @__PURE__ */ a4("div", { class: "band", ref: box, onClick: click2, children: /* @__PURE__ */ a4("canvas", { ref: canvas, role: "img", "aria-label": "Rythmo band: the words run under the picture and are spoken at the bar." }) });
}
function inSight(at) {
  const rate2 = clock.value.sampleRate;
  const { width: width2 } = size.value;
  const from = at - width2 * BAR / PIXELS_PER_SECOND * rate2;
  const to = at + width2 * (1 - BAR) / PIXELS_PER_SECOND * rate2;
  const found2 = [];
  for (let place = firstVisible(lines.value, from, LONGEST_SECONDS * rate2); place < lines.value.length; place++) {
    const line = lines.value[place];
    if (!line || line.start > to) break;
    if (Math.max(line.end, line.placement?.end ?? 0) > from) found2.push(line);
  }
  return found2;
}
function rows() {
  return new Map(speakers.value.map((one, at) => [one.id, at % ROWS]));
}
function paintBand(canvas) {
  const { width: width2, height: height2 } = size.peek();
  const ratio = devicePixelRatio;
  if (canvas.width !== Math.round(width2 * ratio) || canvas.height !== Math.round(height2 * ratio)) {
    canvas.width = Math.round(width2 * ratio);
    canvas.height = Math.round(height2 * ratio);
    canvas.style.width = `${width2}px`;
    canvas.style.height = `${height2}px`;
  }
  const context2 = canvas.getContext("2d", { alpha: false });
  if (!context2) return;
  context2.setTransform(ratio, 0, 0, ratio, 0, 0);
  const at = now();
  const strip = {
    context: context2,
    width: width2,
    height: height2,
    now: at,
    sampleRate: clock.value.sampleRate,
    ink: ink.value,
    lines: inSight(at),
    rows: rows(),
    rowCount: Math.max(1, Math.min(ROWS, speakers.value.length)),
    colours: colours.value,
    names: names.value,
    words: knownWords
  };
  drawBand(strip);
}

// src/player/Picture.tsx
function Picture() {
  const element = T2(null);
  const picture = project.value?.picture;
  const shown2 = picture?.playable && picture.url ? picture.url : null;
  A2(() => {
    pictureElement.value = element.current;
    if (element.current && position.peek()) seek(position.peek());
    return () => {
      pause2();
      pictureElement.value = null;
    };
  }, [shown2]);
  const line = current.value ? byId.value.get(current.value) : void 0;
  return /* @__PURE__ */ a4("div", { class: "picture", onClick: toggle, children: [
    shown2 ? /* @__PURE__ */ a4("video", { ref: element, src: shown2, preload: "auto", playsInline: true, disablePictureInPicture: true, tabIndex: -1, "aria-label": "Picture" }) : /* @__PURE__ */ a4(Empty, { title: picture ? "The picture is being prepared for this browser." : "This programme has no picture." }),
    /* @__PURE__ */ a4("p", { class: "subtitle", "aria-live": "off", children: line && (side.value === "dub" ? line.translation || line.text : line.text) }),
    /* @__PURE__ */ a4("span", { class: "hidden", "aria-live": "polite", children: line && !playing.value ? `${names.value.get(line.speaker)}: ${line.translation}` : "" })
  ] });
}
function TransportBar() {
  const readout = T2(null);
  A2(() => {
    const show3 = () => {
      const text = timecode(clock.value, now());
      if (readout.current && readout.current.textContent !== text) readout.current.textContent = text;
    };
    show3();
    return onFrame(show3);
  }, [clock.value]);
  return /* @__PURE__ */ a4("div", { class: "transport", role: "toolbar", "aria-label": "Transport", children: [
    /* @__PURE__ */ a4("span", { class: "readout number", ref: readout }),
    /* @__PURE__ */ a4("div", { class: "transport-keys", children: [
      /* @__PURE__ */ a4(IconButton, { icon: "frameBack", label: "One frame back (left)", onClick: () => nudge(-1) }),
      playing.value ? /* @__PURE__ */ a4(IconButton, { icon: "pause", label: "Stop (space)", onClick: pause2, class: "big" }) : /* @__PURE__ */ a4(IconButton, { icon: "play", label: "Play (space)", onClick: () => play(), class: "big" }),
      /* @__PURE__ */ a4(IconButton, { icon: "frameForth", label: "One frame on (right)", onClick: () => nudge(1) }),
      /* @__PURE__ */ a4("span", { class: "rate number", "aria-live": "off", children: playing.value && rate.value !== 1 ? `${rate.value}×` : "" })
    ] }),
    /* @__PURE__ */ a4("fieldset", { class: "sides", children: [
      /* @__PURE__ */ a4("legend", { class: "hidden", children: "What is heard" }),
      ["original", "dub"].map((one) => /* @__PURE__ */ a4("label", { title: "D switches between the two", children: [
        /* @__PURE__ */ a4("input", { type: "radio", name: "side", checked: side.value === one, onChange: () => side.value = one }),
        /* @__PURE__ */ a4("span", { children: one === "dub" ? "Dub" : "Original" })
      ] }, one))
    ] })
  ] });
}

// src/script/Inspector.tsx
function Inspector() {
  const line = selectedLine.value;
  return /* @__PURE__ */ a4("section", { class: "inspector", "aria-label": "Selected line", children: line ? /* @__PURE__ */ a4(Details, { line }, line.id) : /* @__PURE__ */ a4(Empty, { title: "Choose a line to see its takes and timing." }) });
}
function Details({ line }) {
  const flags = [...line.flags].sort((a5, b3) => WEIGHT[a5.severity] - WEIGHT[b3.severity]);
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("div", { class: "fields", children: [
      /* @__PURE__ */ a4("label", { class: "field", children: [
        /* @__PURE__ */ a4("span", { children: "Speaker" }),
        /* @__PURE__ */ a4("select", { value: line.speaker, onChange: (event) => editLine(line.id, { speaker: event.currentTarget.value }), children: speakers.value.map((one) => /* @__PURE__ */ a4("option", { value: one.id, children: one.name }, one.id)) })
      ] }),
      /* @__PURE__ */ a4(TimeField, { label: "In", line, edge: "start" }),
      /* @__PURE__ */ a4(TimeField, { label: "Out", line, edge: "end" }),
      /* @__PURE__ */ a4("div", { class: "field", children: [
        /* @__PURE__ */ a4("span", { children: "Length" }),
        /* @__PURE__ */ a4("output", { class: "number", children: seconds(clock.value, line.end - line.start) })
      ] }),
      /* @__PURE__ */ a4(TextField, { line }, `d ${line.direction}`)
    ] }),
    /* @__PURE__ */ a4(Takes, { line }),
    /* @__PURE__ */ a4("ul", { class: "reasons", "aria-label": "Notes on this line", children: [
      flags.map((flag) => /* @__PURE__ */ a4("li", { class: `reason flag-${flag.severity}`, children: [
        /* @__PURE__ */ a4(Icon, { name: flag.severity }),
        " ",
        /* @__PURE__ */ a4("span", { children: flag.message })
      ] }, flag.code)),
      /* @__PURE__ */ a4(Pace, { line }),
      line.placement?.reason && /* @__PURE__ */ a4("li", { class: "reason", children: [
        /* @__PURE__ */ a4(Icon, { name: "check" }),
        " ",
        /* @__PURE__ */ a4("span", { children: line.placement.reason })
      ] })
    ] })
  ] });
}
function Pace({ line }) {
  const limits = project.value?.limits;
  const how = pace(line);
  if (!limits || line.cps === null || how === "easy") return null;
  const limit = how === "red" ? limits.cps_red : limits.cps_amber;
  return /* @__PURE__ */ a4("li", { class: `reason flag-${how === "red" ? "error" : "warning"}`, children: [
    /* @__PURE__ */ a4(Icon, { name: how === "red" ? "error" : "warning" }),
    /* @__PURE__ */ a4("span", { children: [
      line.cps.toFixed(1),
      " characters a second; the limit is ",
      limit,
      "."
    ] })
  ] });
}
function TimeField({ label, line, edge }) {
  const [wrong, setWrong] = d2(false);
  const shown2 = timecode(clock.value, line[edge]);
  const keep = async (input) => {
    if (input.value === shown2) return setWrong(false);
    const at = parseTimecode(clock.value, input.value);
    if (at === null || !await editLine(line.id, { [edge]: at })) return setWrong(true);
    setWrong(false);
  };
  return /* @__PURE__ */ a4("label", { class: "field", children: [
    /* @__PURE__ */ a4("span", { children: label }),
    /* @__PURE__ */ a4(
      "input",
      {
        class: "number timecode",
        defaultValue: shown2,
        "aria-invalid": wrong,
        spellcheck: false,
        onBlur: (event) => keep(event.currentTarget),
        onKeyDown: (event) => fieldKeys(event, shown2)
      },
      shown2
    )
  ] });
}
function TextField({ line }) {
  return /* @__PURE__ */ a4("label", { class: "field field-wide", children: [
    /* @__PURE__ */ a4("span", { children: "Direction" }),
    /* @__PURE__ */ a4(
      "input",
      {
        defaultValue: line.direction,
        placeholder: "whispered, out of breath",
        maxLength: 300,
        onBlur: ({ currentTarget: { value } }) => value !== line.direction && editLine(line.id, { direction: value }),
        onKeyDown: (event) => fieldKeys(event, line.direction)
      }
    )
  ] });
}
function fieldKeys(event, before) {
  if (event.key === "Escape") event.currentTarget.value = before;
  if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
}
function Takes({ line }) {
  const sounding = auditioned.value;
  return /* @__PURE__ */ a4("div", { class: "takes", children: [
    /* @__PURE__ */ a4("div", { class: "takes-head", children: [
      /* @__PURE__ */ a4("h3", { children: "Takes" }),
      /* @__PURE__ */ a4(Button, { kind: "quiet", onClick: () => anotherTake(line.id), disabled: !line.translation || voicing.value.has(line.id), children: voicing.value.has(line.id) ? "Making a take" : "Another take" })
    ] }),
    /* @__PURE__ */ a4("ul", { class: "takes-list", "aria-label": "Takes of this line", children: [
      /* @__PURE__ */ a4("li", { class: "take", "data-sounding": sounding === `${line.id} original` || void 0, children: [
        /* @__PURE__ */ a4(IconButton, { icon: "play", label: "Hear the original", onClick: () => hearOriginal(line.id) }),
        /* @__PURE__ */ a4("span", { class: "take-choice", children: [
          /* @__PURE__ */ a4("span", { class: "take-name", children: "Original" }),
          /* @__PURE__ */ a4("span", { class: "take-text cut", children: line.text })
        ] }),
        /* @__PURE__ */ a4("span", { class: "number muted", children: seconds(clock.value, line.end - line.start) })
      ] }),
      [...line.takes].reverse().map((take2) => /* @__PURE__ */ a4(OneTake, { line, take: take2, sounding: sounding === `${line.id} ${take2.id}` }, take2.id))
    ] })
  ] });
}
function OneTake({ line, take: take2, sounding }) {
  return /* @__PURE__ */ a4("li", { class: "take", "data-take": take2.id, "data-sounding": sounding || void 0, children: [
    /* @__PURE__ */ a4(IconButton, { icon: "play", label: `Hear take ${take2.id}`, onClick: () => hearTake(line.id, take2) }),
    /* @__PURE__ */ a4("label", { class: "take-choice", title: `${take2.text}
${take2.engine}`, children: [
      /* @__PURE__ */ a4(
        "input",
        {
          type: "radio",
          name: `take of ${line.id}`,
          checked: take2.id === line.chosen,
          onChange: () => chooseTake(line.id, take2.id)
        }
      ),
      /* @__PURE__ */ a4("span", { class: "take-name", children: take2.id.replace(/^t0*/, "Take ") }),
      /* @__PURE__ */ a4("span", { class: "take-text cut", children: take2.text })
    ] }),
    /* @__PURE__ */ a4("span", { class: "number muted", children: seconds(clock.value, take2.length) })
  ] });
}

// src/script/Speakers.tsx
function Speakers({ onClose }) {
  return /* @__PURE__ */ a4(Dialog, { title: "Speakers", onClose, wide: true, children: [
    /* @__PURE__ */ a4("ul", { class: "cast", children: speakers.value.map((one) => /* @__PURE__ */ a4(Person, { one }, one.id)) }),
    /* @__PURE__ */ a4(Split, {})
  ] });
}
function Person({ one }) {
  const others = speakers.value.filter((other) => other.id !== one.id);
  const rename = (input) => {
    const name = input.value.trim();
    if (name && name !== one.name) void changeSpeaker(one.id, { name });
    else input.value = one.name;
  };
  return /* @__PURE__ */ a4("li", { class: "person", children: [
    /* @__PURE__ */ a4(
      "input",
      {
        type: "color",
        "aria-label": `Colour of ${one.name}`,
        value: colours.value.get(one.id),
        onChange: (event) => changeSpeaker(one.id, { colour: event.currentTarget.value })
      }
    ),
    /* @__PURE__ */ a4(
      "input",
      {
        "aria-label": `Name of ${one.name}`,
        defaultValue: one.name,
        maxLength: 80,
        onBlur: (event) => rename(event.currentTarget),
        onKeyDown: (event) => event.key === "Enter" && event.currentTarget.blur()
      }
    ),
    /* @__PURE__ */ a4("span", { class: "muted", children: plural(one.lines, "line") }),
    /* @__PURE__ */ a4("span", { class: "muted cut", title: one.voice?.id, children: one.voice ? `${one.voice.engine}: ${one.voice.id}` : "no voice yet" }),
    /* @__PURE__ */ a4(
      "select",
      {
        "aria-label": `${one.name} is the same person as`,
        value: "",
        disabled: !others.length,
        onChange: (event) => event.currentTarget.value && mergeSpeaker(one.id, event.currentTarget.value),
        children: [
          /* @__PURE__ */ a4("option", { value: "", children: "Same person as" }),
          others.map((other) => /* @__PURE__ */ a4("option", { value: other.id, children: other.name }, other.id))
        ]
      }
    )
  ] });
}
function Split() {
  const [name, setName] = d2("");
  const line = selectedLine.value;
  const whose = line && speakers.value.find((one) => one.id === line.speaker);
  if (!line || !whose) return /* @__PURE__ */ a4("p", { class: "muted", children: "To split a speaker, select one of the lines that belong to somebody else." });
  const mine = shown.value.filter((one) => one.speaker === whose.id);
  const split2 = async (ids) => {
    await splitSpeaker(whose.id, ids, name.trim());
    setName("");
  };
  return /* @__PURE__ */ a4("form", { class: "split", onSubmit: (event) => event.preventDefault(), children: [
    /* @__PURE__ */ a4("label", { class: "field", children: [
      /* @__PURE__ */ a4("span", { children: [
        "Somebody else speaks as well as ",
        whose.name
      ] }),
      /* @__PURE__ */ a4("input", { placeholder: "Name", value: name, maxLength: 80, onInput: (event) => setName(event.currentTarget.value) })
    ] }),
    /* @__PURE__ */ a4(Button, { disabled: !name.trim(), onClick: () => split2([line.id]), children: "Give them the selected line" }),
    /* @__PURE__ */ a4(
      Button,
      {
        disabled: !name.trim() || mine.length < 2 || mine.length >= whose.lines,
        onClick: () => split2(mine.map((one) => one.id)),
        title: "Filter the list first: the lines that it shows are given over",
        children: [
          "Give them the ",
          plural(mine.length, "line"),
          " shown"
        ]
      }
    )
  ] });
}

// src/script/Toolbar.tsx
var KINDS3 = [
  ["all", "All lines"],
  ["flagged", "With flags"],
  ["fast", "Read too fast"],
  ["edited", "Edited by hand"],
  ["changed", "Not in the mix yet"]
];
function Toolbar() {
  const [open2, setOpen] = d2(false);
  const filtered = shown.value !== lines.value;
  return /* @__PURE__ */ a4("div", { class: "toolbar", role: "search", children: [
    /* @__PURE__ */ a4("label", { class: "search", children: [
      /* @__PURE__ */ a4(Icon, { name: "search" }),
      /* @__PURE__ */ a4("span", { class: "hidden", children: "Search the lines" }),
      /* @__PURE__ */ a4(
        "input",
        {
          id: "search",
          type: "search",
          placeholder: "Search",
          value: query.value,
          onInput: (event) => query.value = event.currentTarget.value,
          onKeyDown: (event) => {
            if (event.key !== "Escape") return;
            query.value = "";
            event.currentTarget.blur();
          }
        }
      )
    ] }),
    /* @__PURE__ */ a4("label", { children: [
      /* @__PURE__ */ a4("span", { class: "hidden", children: "Which lines" }),
      /* @__PURE__ */ a4("select", { value: kind.value, onChange: (event) => kind.value = event.currentTarget.value, children: KINDS3.map(([value, title]) => /* @__PURE__ */ a4("option", { value, children: title }, value)) })
    ] }),
    /* @__PURE__ */ a4("label", { children: [
      /* @__PURE__ */ a4("span", { class: "hidden", children: "Whose lines" }),
      /* @__PURE__ */ a4(
        "select",
        {
          value: onlySpeaker.value ?? "",
          onChange: (event) => onlySpeaker.value = event.currentTarget.value || null,
          children: [
            /* @__PURE__ */ a4("option", { value: "", children: "Everyone" }),
            speakers.value.map((one) => /* @__PURE__ */ a4("option", { value: one.id, children: one.name }, one.id))
          ]
        }
      )
    ] }),
    /* @__PURE__ */ a4("span", { class: "count number", "aria-live": "polite", children: filtered ? `${shown.value.length} of ${lines.value.length}` : plural(lines.value.length, "line") }),
    /* @__PURE__ */ a4(Button, { kind: "quiet", onClick: () => setOpen(true), children: [
      /* @__PURE__ */ a4(Icon, { name: "people" }),
      " Speakers"
    ] }),
    open2 && /* @__PURE__ */ a4(Speakers, { onClose: () => setOpen(false) })
  ] });
}

// src/views/Script.tsx
function hearArrived(line, take2) {
  if (!playing.value) void hearTake(line, take2);
}
function Script() {
  A2(() => {
    const key = (event) => scriptKey(event) && event.preventDefault();
    addEventListener("keydown", key);
    takeListeners.add(hearArrived);
    return () => {
      removeEventListener("keydown", key);
      takeListeners.delete(hearArrived);
    };
  }, []);
  return /* @__PURE__ */ a4("main", { class: "script", children: [
    /* @__PURE__ */ a4("h1", { class: "hidden", children: "Script" }),
    /* @__PURE__ */ a4("section", { class: "lines", "aria-label": "Script", children: [
      /* @__PURE__ */ a4(Toolbar, {}),
      /* @__PURE__ */ a4(List, {}),
      /* @__PURE__ */ a4(Inspector, {})
    ] }),
    /* @__PURE__ */ a4("section", { class: "stage", "aria-label": "Picture and rythmo band", children: [
      /* @__PURE__ */ a4(Picture, {}),
      /* @__PURE__ */ a4(TransportBar, {}),
      /* @__PURE__ */ a4(Band, {})
    ] }),
    /* @__PURE__ */ a4(Timeline, {})
  ] });
}

// src/views/Setup.tsx
var KINDS4 = [
  ["separator", "Lifting speech out of the background"],
  ["diarizer", "Finding who speaks"],
  ["embedder", "Knowing speakers again"],
  ["transcriber", "Writing down what is said"],
  ["translator", "Translating"],
  ["voice", "Speaking"],
  ["lipsync", "Lip-sync"]
];
function Setup() {
  A2(() => {
    document.title = "Setup · Rythmo";
    loadSetup().catch(complain);
  }, []);
  return /* @__PURE__ */ a4("main", { class: "setup", children: [
    /* @__PURE__ */ a4("header", { class: "page-head", children: [
      /* @__PURE__ */ a4("h1", { children: "Setup" }),
      /* @__PURE__ */ a4(Button, { onClick: () => loadSetup().catch(complain), children: "Check again" })
    ] }),
    /* @__PURE__ */ a4("section", { "aria-label": "Checks", children: /* @__PURE__ */ a4("ul", { class: "checks", children: (checks.value ?? []).map((check) => /* @__PURE__ */ a4(OneCheck, { check }, check.name)) }) }),
    KINDS4.map(([kind2, title]) => /* @__PURE__ */ a4(Kind, { title, list: (engines.value ?? []).filter((engine) => engine.kind === kind2) }, kind2))
  ] });
}
function OneCheck({ check }) {
  return /* @__PURE__ */ a4("li", { class: "check", "data-ok": check.ok, children: [
    /* @__PURE__ */ a4("span", { class: check.ok ? "ready" : "flag-error", children: [
      /* @__PURE__ */ a4(Icon, { name: check.ok ? "check" : "error" }),
      /* @__PURE__ */ a4("span", { class: "hidden", children: check.ok ? "works" : "does not work" })
    ] }),
    /* @__PURE__ */ a4("span", { class: "check-name", children: check.name }),
    /* @__PURE__ */ a4("span", { class: "check-text", children: [
      check.text,
      !check.ok && check.hint && /* @__PURE__ */ a4("span", { class: "muted", children: [
        " ",
        check.hint
      ] }),
      !check.ok && check.command && /* @__PURE__ */ a4(Command, { text: check.command })
    ] })
  ] });
}
function Kind({ title, list }) {
  if (!list.length) return null;
  return /* @__PURE__ */ a4("section", { class: "engines", "aria-label": title, children: [
    /* @__PURE__ */ a4("h2", { children: title }),
    /* @__PURE__ */ a4("ul", { children: list.map((engine) => /* @__PURE__ */ a4("li", { class: "engine", "data-available": engine.available, children: [
      /* @__PURE__ */ a4("div", { class: "engine-head", children: [
        /* @__PURE__ */ a4("span", { class: engine.available ? "ready" : "muted", children: [
          /* @__PURE__ */ a4(Icon, { name: engine.available ? "check" : "minus" }),
          /* @__PURE__ */ a4("span", { class: "hidden", children: engine.available ? "ready" : "not set up" })
        ] }),
        /* @__PURE__ */ a4("h3", { children: engine.name }),
        /* @__PURE__ */ a4("span", { class: "muted", children: [engine.local ? "on this machine" : "a service elsewhere", engine.draft ? "a draft" : ""].filter(Boolean).join(", ") })
      ] }),
      /* @__PURE__ */ a4("p", { children: engine.summary }),
      /* @__PURE__ */ a4("p", { class: "muted", children: [
        engine.licence,
        engine.local ? "" : ` · ${engine.sends}`
      ] }),
      !engine.available && /* @__PURE__ */ a4("ol", { class: "missing", children: engine.missing.map((one) => /* @__PURE__ */ a4("li", { children: [
        /* @__PURE__ */ a4("span", { children: one.what }),
        " ",
        /* @__PURE__ */ a4(Command, { text: one.command })
      ] }, one.what)) })
    ] }, engine.name)) })
  ] });
}

// src/views/App.tsx
function App() {
  A2(() => {
    const key = (event) => {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
      if (event.key === "?" && !typing) helpOpen.value = !helpOpen.value;
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
  if (tokenRefused.value) return /* @__PURE__ */ a4(Refused, {});
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(TopBar, {}),
    /* @__PURE__ */ a4(View, {}),
    /* @__PURE__ */ a4(Messages, {}),
    /* @__PURE__ */ a4(Help, {})
  ] });
}
function View() {
  const at = route.value;
  if (at.view === "setup") return /* @__PURE__ */ a4(Setup, {});
  if (at.view === "new") return /* @__PURE__ */ a4(New, { source: at.source }, at.source);
  if (at.view === "job") return /* @__PURE__ */ a4(Job, { id: at.id }, at.id);
  if (at.view === "project") return /* @__PURE__ */ a4(ProjectView, { id: at.id, tab: at.tab }, at.id);
  return /* @__PURE__ */ a4(Home, {});
}
function ProjectView({ id, tab }) {
  A2(() => {
    open(id).then(() => document.title = `${project.value?.name ?? ""} · Rythmo`, complain);
  }, [id]);
  if (project.value?.id !== id) return /* @__PURE__ */ a4("main", { class: "waiting", "aria-busy": "true" });
  if (tab === "quality") return /* @__PURE__ */ a4(Quality, {});
  if (tab === "deliver") return /* @__PURE__ */ a4(Deliver, {});
  return /* @__PURE__ */ a4(Script, {});
}
var TABS = [
  ["script", "Script"],
  ["quality", "Quality"],
  ["deliver", "Deliver"]
];
function TopBar() {
  const at = route.value;
  const inside = at.view === "project" ? project.value : null;
  return /* @__PURE__ */ a4("header", { class: "topbar", children: [
    /* @__PURE__ */ a4("a", { class: "brand", href: "#/", "aria-label": "Rythmo: all projects", children: [
      /* @__PURE__ */ a4("img", { src: "icon.svg", alt: "", width: 20, height: 20 }),
      /* @__PURE__ */ a4("span", { children: "Rythmo" })
    ] }),
    inside && at.view === "project" && /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4("span", { class: "topbar-name cut", title: inside.root, children: inside.name }),
      /* @__PURE__ */ a4("nav", { class: "tabs", "aria-label": "Views of the project", children: TABS.map(([tab, title]) => /* @__PURE__ */ a4("a", { href: href({ view: "project", id: inside.id, tab }), "aria-current": tab === at.tab ? "page" : void 0, children: title }, tab)) })
    ] }),
    /* @__PURE__ */ a4("span", { class: "topbar-space" }),
    /* @__PURE__ */ a4(Status, { inside: inside !== null }),
    inside && /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(IconButton, { icon: "undo", label: "Undo (Ctrl Z)", disabled: !canUndo.value, onClick: () => undo("undo") }),
      /* @__PURE__ */ a4(IconButton, { icon: "redo", label: "Redo (Ctrl Shift Z)", disabled: !canRedo.value, onClick: () => undo("redo") })
    ] }),
    /* @__PURE__ */ a4(IconButton, { icon: "keys", label: "Keys (?)", onClick: () => helpOpen.value = true }),
    /* @__PURE__ */ a4(IconButton, { icon: dark.value ? "sun" : "moon", label: dark.value ? "Light" : "Dark", onClick: turn })
  ] });
}
var SAVED = { saved: "Saved", saving: "Saving", failed: "Not saved" };
function Status({ inside }) {
  const job = activeJobs.value[0];
  const work = voicing.value.size ? `Voicing ${plural(voicing.value.size, "line")}` : job && inside ? { remake: "Mixing", deliver: "Delivering", qc: "Measuring", conform: "Conforming", dub: "Dubbing" }[job.kind] : void 0;
  return /* @__PURE__ */ a4("p", { class: "status", role: "status", children: [
    !connected.value && /* @__PURE__ */ a4("span", { class: "flag-error", children: "The service does not answer" }),
    work && /* @__PURE__ */ a4("span", { class: "status-work", children: work }),
    inside && /* @__PURE__ */ a4("span", { "data-saved": saved.value, children: SAVED[saved.value] })
  ] });
}
function Refused() {
  return /* @__PURE__ */ a4("main", { class: "waiting", children: [
    /* @__PURE__ */ a4("h1", { class: "hidden", children: "Rythmo" }),
    /* @__PURE__ */ a4(Empty, { title: "This page does not know the service's key.", children: [
      "Open it again from the window in which ",
      /* @__PURE__ */ a4("code", { children: "rythmo serve" }),
      " runs: the address there carries the key."
    ] })
  ] });
}

// src/main.tsx
adoptToken();
refreshRoute();
var root = document.getElementById("page");
if (root) Q(/* @__PURE__ */ a4(App, {}), root);
loadJobs().catch(complain);
void follow((yes) => {
  if (yes && !connected.value) loadJobs().catch(complain);
  connected.value = yes;
});
