"""The provider that takes no money, so that the whole flow can be tried without an account anywhere.

It behaves as Stripe does: what is bought here lives in a world of its own (:class:`billing.models.DemoObject`), changes
there are told by events, and the events take the way of every webhook. The pages of :mod:`billing.site_views.demo` are
its Checkout and its Portal.
"""
