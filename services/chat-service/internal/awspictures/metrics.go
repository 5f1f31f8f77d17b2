package awspictures

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sixseat/sixseat/pkg/fault"
)

type counters struct {
	pictures *prometheus.CounterVec
	links    *prometheus.CounterVec
	look     prometheus.Histogram
}

func newCounters() counters {
	c := counters{
		pictures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chat_pictures_total", Help: "Pictures that were sent, by what became of them: kept; refused, not there or not what they say; unavailable, S3 is away, then or when a place was asked for; late, too many waited before.",
		}, []string{"outcome"}),
		links: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chat_picture_links_total", Help: "Links to pictures that members asked for, by what they got: given; missing, no such picture; unavailable, S3 is away.",
		}, []string{"outcome"}),
		look: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "chat_picture_seconds", Help: "From a picture's turn to it being kept: reading it from S3, looking, writing it; others are not in it.",
			// A small one beside S3, up to what a SEND waits for at most.
			Buckets: []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
	}
	for _, outcome := range []string{"kept", "refused", "unavailable", "late"} {
		c.pictures.WithLabelValues(outcome) // shown before the first, so that the first can be seen
	}
	for _, outcome := range []string{"given", "missing", "unavailable"} {
		c.links.WithLabelValues(outcome)
	}
	return c
}

func (c counters) count(start time.Time, err error) {
	switch {
	case err == nil:
		c.pictures.WithLabelValues("kept").Inc()
		c.look.Observe(time.Since(start).Seconds())
	case fault.Is(err, fault.Invalid):
		c.pictures.WithLabelValues("refused").Inc()
	case errors.Is(err, context.Canceled): // who asked is gone, and S3 may be well
	default:
		c.pictures.WithLabelValues("unavailable").Inc()
	}
}

// refused counts a picture for which no place was offered.
func (c counters) refused() { c.pictures.WithLabelValues("unavailable").Inc() }

func (c counters) link(err error) {
	switch {
	case err == nil:
		c.links.WithLabelValues("given").Inc()
	case fault.Is(err, fault.NotFound):
		c.links.WithLabelValues("missing").Inc()
	case errors.Is(err, context.Canceled):
	default:
		c.links.WithLabelValues("unavailable").Inc()
	}
}

// Late implements chat.Pictures.
func (p *Pictures) Late(pictures int) {
	p.counted.pictures.WithLabelValues("late").Add(float64(pictures))
}

// Collectors are the metrics of pictures, to be registered once.
func (p *Pictures) Collectors() []prometheus.Collector {
	return []prometheus.Collector{p.counted.pictures, p.counted.links, p.counted.look}
}
