"""Writing new messages: the messenger's hottest write.

People and agents enter by :mod:`messenger.services.messages`, the system by :mod:`messenger.services.notes`. Then, in
the order in which a message passes them:

* :mod:`.draft`: what is to be written, checked as far as that goes without a database;
* :mod:`.group_commit`: plain texts that come at the same moment are written in one transaction;
* :mod:`.all_or_none`: everything else, a transaction of its own for each call;
* :mod:`.admission`: both lock the conversations' streams, then ask who may write;
* :mod:`.references`: what a message shows of its file, of the message it answers, of the members it names;
* :mod:`.rows`: the one place where rows and events of new messages are written, for one message as for a hundred.

Admission comes after the lock: whoever removes a member locks the same stream, so nobody writes after their removal was
committed, and the order of commits is the order of ``seq``.
"""
