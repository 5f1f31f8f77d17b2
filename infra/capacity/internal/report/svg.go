package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
)

// A chart's size in its own units, which are about a phone's pixels, and the margins
// around what is drawn, in which the labels stand.
const (
	width, height            = 400, 250
	left, right, top, bottom = 52, 22, 28, 40
)

// How a series is drawn.
type style int

const (
	lines style = iota
	dots
	bars
)

type point struct{ x, y float64 }

type series struct {
	name   string
	points []point
}

// chart draws series as SVG. Names of bars, if there are any, stand below them in place of
// numbers.
type chart struct {
	title, x, y string
	style       style
	series      []series
	names       []string
}

// colours are told apart by people who see fewer of them, too (Okabe and Ito's).
var colours = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"}

// SVG is the chart, or a line that says that there is nothing to draw.
func (c chart) SVG() template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<figure><figcaption>%s</figcaption>`, html.EscapeString(c.title))
	if c.empty() {
		b.WriteString(`<p class="none">This run has nothing for this chart.</p></figure>`)
		return template.HTML(b.String())
	}
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s">`, width, height, html.EscapeString(c.title+": "+c.y+" against "+c.x))
	c.body(&b)
	b.WriteString(`</svg>`)
	if len(c.series) > 1 {
		b.WriteString(`<p class="key">`)
		for i, s := range c.series {
			fmt.Fprintf(&b, `<span><i style="background:%s"></i>%s</span> `, colours[i%len(colours)], html.EscapeString(s.name))
		}
		b.WriteString(`</p>`)
	}
	b.WriteString(`</figure>`)
	return template.HTML(b.String())
}

func (c chart) body(b *strings.Builder) {
	x, y := c.axes()
	c.grid(b, x, y)
	for i, s := range c.series {
		c.draw(b, s, colours[i%len(colours)], x, y)
	}
}

// pictureStyle is for charts that stand outside of a page, on its colours.
const pictureStyle = `text { font: 12px system-ui, sans-serif; fill: #1c2733; }
.head { font-weight: 600; font-size: 14px; } .paper { fill: #fff; } .grid { stroke: #d6dce2; } .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
@media (prefers-color-scheme: dark) { text { fill: #e6e9ec; } .paper { fill: #12181f; } .grid { stroke: #3a4652; } }`

// picture is charts one below the other as a file of their own, for a README.
func picture(charts ...chart) string {
	const head = 40 // a chart's title and key
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %[2]d" width="%[3]d" height="%[4]d" role="img"><style>%[5]s</style><rect class="paper" width="%[1]d" height="%[2]d"/>`,
		width, len(charts)*(height+head), 2*width, 2*len(charts)*(height+head), pictureStyle)
	for i, c := range charts {
		fmt.Fprintf(&b, `<g transform="translate(0 %d)"><text class="head" x="4" y="18">%s</text>`, i*(height+head), html.EscapeString(c.title))
		at := left
		for k, s := range c.series {
			if s.name != "" {
				fmt.Fprintf(&b, `<rect x="%d" y="26" width="10" height="10" rx="2" fill="%s"/><text x="%d" y="35">%s</text>`, at, colours[k%len(colours)], at+14, html.EscapeString(s.name))
				at += 30 + 7*len(s.name)
			}
		}
		fmt.Fprintf(&b, `<g transform="translate(0 %d)">`, head)
		if !c.empty() {
			c.body(&b)
		}
		b.WriteString(`</g></g>`)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (c chart) empty() bool {
	for _, s := range c.series {
		if len(s.points) > 0 {
			return false
		}
	}
	return true
}

// axis maps values to places along one side.
type axis struct {
	least, most, step float64
	from, to          float64
}

func (a axis) at(v float64) float64 {
	return a.from + (v-a.least)/(a.most-a.least)*(a.to-a.from)
}

// newAxis covers values up to most in steps that people count in.
func newAxis(least, most, from, to float64) axis {
	if most <= least {
		most = least + 1
	}
	step := math.Pow(10, math.Floor(math.Log10((most-least)/4)))
	for _, by := range []float64{1, 2, 5, 10} {
		if (most-least)/(step*by) <= 5 {
			step *= by
			break
		}
	}
	return axis{math.Floor(least/step) * step, math.Ceil(most/step) * step, step, from, to}
}

func (c chart) axes() (x, y axis) {
	least, most, high := math.Inf(1), math.Inf(-1), 0.0
	for _, s := range c.series {
		for _, p := range s.points {
			least, most, high = min(least, p.x), max(most, p.x), max(high, p.y)
		}
	}
	if c.style == bars {
		x = axis{-0.5, float64(len(c.names)) - 0.5, 1, left, width - right}
	} else {
		x = newAxis(min(least, 0), most, left, width-right)
	}
	return x, newAxis(0, high, height-bottom, top)
}

func (c chart) grid(b *strings.Builder, x, y axis) {
	for v := y.least; v <= y.most+y.step/2; v += y.step {
		at := y.at(v)
		fmt.Fprintf(b, `<path class="grid" d="M%d %.1fH%d"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`, left, at, width-right, left-6, at+4, number(v))
	}
	if c.style == bars {
		every := (len(c.names) + 7) / 8
		for i := 0; i < len(c.names); i += every {
			fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, x.at(float64(i)), height-bottom+16, html.EscapeString(c.names[i]))
		}
	} else {
		for v := x.least; v <= x.most+x.step/2; v += x.step {
			fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, x.at(v), height-bottom+16, number(v))
		}
	}
	fmt.Fprintf(b, `<text x="%d" y="14">%s</text><text x="%d" y="%d" text-anchor="end">%s</text>`,
		4, html.EscapeString(c.y), width-right, height-6, html.EscapeString(c.x))
}

func (c chart) draw(b *strings.Builder, s series, colour string, x, y axis) {
	switch c.style {
	case bars:
		wide := (x.at(1) - x.at(0)) * 0.8
		for _, p := range s.points {
			fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"><title>%s: %s</title></rect>`,
				x.at(p.x)-wide/2, y.at(p.y), wide, y.at(0)-y.at(p.y), colour, html.EscapeString(c.names[int(p.x)]), number(p.y))
		}
	case dots:
		for _, p := range s.points {
			fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s" fill-opacity=".7"><title>%s at %s: %s</title></circle>`,
				x.at(p.x), y.at(p.y), colour, html.EscapeString(s.name), number(p.x), number(p.y))
		}
	default:
		for i, p := range s.points {
			if i == 0 {
				fmt.Fprintf(b, `<path class="line" stroke="%s" d="M`, colour)
			}
			fmt.Fprintf(b, "%.1f %.1f ", x.at(p.x), y.at(p.y))
		}
		if len(s.points) > 0 {
			b.WriteString(`"/>`)
		}
	}
}

// number is short: 12 k for 12,000.
func number(v float64) string {
	switch {
	case math.Abs(v) >= 1e6:
		return trim(v/1e6) + " M"
	case math.Abs(v) >= 1e4:
		return trim(v/1e3) + " k"
	}
	return trim(v)
}

// trim keeps three digits and no zeros behind.
func trim(v float64) string {
	digits := 2
	if v != 0 {
		digits = max(0, min(4, 2-int(math.Floor(math.Log10(math.Abs(v))))))
	}
	text := fmt.Sprintf("%.*f", digits, v)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}
