package erd

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// Measures in pixels. A character of a monospace font is about 0.6 of its size wide.
const (
	character = 7.3
	rowHeight = 20
	padding   = 10
	gap       = 70 // between columns of tables, where the lines turn
	space     = 28 // between tables, and around all
	turn      = 12 // between two lines' turns
)

// style is readable on light and on dark pages: the drawing has its own paper.
const style = `
  :root { --paper: #fffdf9; --box: #f4f0e8; --ink: #1c1b22; --soft: #5b5966; --line: #9c2f1f; --edge: #b9b2a5; }
  @media (prefers-color-scheme: dark) {
    :root { --paper: #16151b; --box: #211f29; --ink: #ece9f1; --soft: #a9a5b5; --line: #ff9d85; --edge: #5a5666; }
  }
  text { font: 12px ui-monospace, monospace; fill: var(--ink); }
  .name { font-weight: bold; } .soft { fill: var(--soft); }
  .paper { fill: var(--paper); } .box { fill: var(--box); stroke: var(--edge); } .rule { stroke: var(--edge); }
  .relation { fill: none; stroke: var(--line); stroke-width: 1.5; } .unenforced { stroke-dasharray: 5 4; }
`

// placed is a table with where it stands.
type placed struct {
	table
	x, y, width int
}

func (p placed) height() int {
	h := (1 + len(p.columns) + len(p.notes)) * rowHeight
	if len(p.notes) > 0 {
		h += padding
	}
	return h + padding
}

// row is the middle of a column's row.
func (p placed) row(name string) int {
	i := slices.IndexFunc(p.columns, func(c column) bool { return c.name == name })
	return p.y + (i+1)*rowHeight + rowHeight/2 + padding/2
}

// draw makes the SVG: tables that refer to others stand to their right.
func draw(title string, tables []table, relations []relation) string {
	boxes, width, height := place(tables, relations)
	legend := "PK: primary key    U: unique    ?: may be null    solid: foreign key    dashed: by its name, not enforced"
	width = max(width, int(float64(len(legend))*character)+2*space)
	height += rowHeight
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<title id=\"t\">%s</title>\n<style>%s</style>\n", html.EscapeString(title), style)
	fmt.Fprintf(&b, `<rect class="paper" width="%d" height="%d"/>`+"\n", width, height)
	turns := map[int]int{} // lines that turn left of a column of tables, by its x
	for _, r := range relations {
		from, to := boxes[r.from], boxes[r.to]
		turns[from.x]++
		line(&b, r, from, to, from.x-turn*turns[from.x]-turn)
	}
	for _, t := range tables {
		box(&b, boxes[t.name])
	}
	fmt.Fprintf(&b, `<text class="soft" x="%d" y="%d" xml:space="preserve">%s</text>`+"\n</svg>\n", space, height-space/2, legend)
	return b.String()
}

// place stands tables in columns: one right of the last that it refers to.
func place(tables []table, relations []relation) (boxes map[string]placed, width, height int) {
	depth := map[string]int{}
	for range tables { // as often as the longest chain has links
		for _, r := range relations {
			if r.from != r.to {
				depth[r.from] = max(depth[r.from], depth[r.to]+1)
			}
		}
	}
	boxes = map[string]placed{}
	x := space
	for d := 0; len(boxes) < len(tables); d++ {
		y, widest := space, 0
		for _, t := range tables {
			if depth[t.name] != d {
				continue
			}
			p := placed{t, x, y, t.width()}
			boxes[t.name] = p
			y, widest = y+p.height()+space, max(widest, p.width)
		}
		width, height = x+widest+space, max(height, y)
		x += widest + gap
	}
	return boxes, width, height
}

func (t table) width() int {
	longest := len(t.name)
	for _, c := range t.columns {
		longest = max(longest, len(c.text())+len(c.kind)+6)
	}
	for _, n := range t.notes {
		longest = max(longest, len(n))
	}
	return int(float64(longest)*character) + 2*padding
}

func (c column) text() string {
	if c.nullable {
		return c.name + "?"
	}
	return c.name
}

func (c column) mark() string {
	switch {
	case c.primary:
		return "PK"
	case c.unique:
		return "U"
	}
	return ""
}

func box(b *strings.Builder, p placed) {
	fmt.Fprintf(b, `<rect class="box" x="%d" y="%d" width="%d" height="%d" rx="6"/>`+"\n", p.x, p.y, p.width, p.height())
	y := p.y + rowHeight - 4
	text := func(x int, class, anchor, s string) {
		fmt.Fprintf(b, `<text class="%s" x="%d" y="%d" text-anchor="%s">%s</text>`+"\n", class, x, y, anchor, html.EscapeString(s))
	}
	rule := func(y int) {
		fmt.Fprintf(b, `<line class="rule" x1="%d" y1="%d" x2="%d" y2="%d"/>`+"\n", p.x, y, p.x+p.width, y)
	}
	text(p.x+padding, "name", "start", p.name)
	rule(p.y + rowHeight + padding/4)
	for _, c := range p.columns {
		y = p.row(c.name) + 4
		text(p.x+padding, "soft", "start", c.mark())
		text(p.x+padding+22, "column", "start", c.text())
		text(p.x+p.width-padding, "soft", "end", c.kind)
	}
	if len(p.notes) == 0 {
		return
	}
	rule(y + padding)
	y += padding
	for _, n := range p.notes {
		y += rowHeight
		text(p.x+padding, "soft", "start", n)
	}
}

// line goes from the row that refers, over its turn, to the row that is referred to. At
// its beginning stands a crow's foot where many rows may refer to one, else a bar.
func line(b *strings.Builder, r relation, from, to placed, turnAt int) {
	class := "relation"
	if !r.enforced {
		class += " unenforced"
	}
	y, end := from.row(r.fromColumn), to.row(r.toColumn)
	fmt.Fprintf(b, `<path class="%s" d="M%d %dH%dV%dH%d"><title>%s.%s: %s.%s</title></path>`+"\n", class, from.x, y, turnAt, end, to.x+to.width,
		html.EscapeString(r.from), html.EscapeString(r.fromColumn), html.EscapeString(r.to), html.EscapeString(r.toColumn))
	foot := fmt.Sprintf("M%d %dL%d %dL%d %d", from.x, y-6, from.x-9, y, from.x, y+6)
	if i := slices.IndexFunc(from.columns, func(c column) bool { return c.name == r.fromColumn }); from.columns[i].unique {
		foot = fmt.Sprintf("M%d %dV%d", from.x-6, y-6, y+6)
	}
	fmt.Fprintf(b, `<path class="relation" d="%sM%d %dV%d"/>`+"\n", foot, to.x+to.width+6, end-6, end+6)
}
