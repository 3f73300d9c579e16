package io.jvmm.host.epoll;

import io.jvmm.abi.Abi;
import org.junit.jupiter.api.Test;

class EpollAbiTest {
  @Test
  void eventsAreTheHeaders() throws Exception {
    Abi.of("sys/epoll.h")
        .same("sizeof(struct epoll_event)", Epoll.EVENT_SIZE)
        .same("offsetof(struct epoll_event, events)", 0)
        .same("offsetof(struct epoll_event, data)", Epoll.EVENT_DATA_OFFSET)
        .same("EPOLLIN", Epoll.EPOLLIN)
        .same("EPOLLOUT", Epoll.EPOLLOUT)
        .same("EPOLLERR", Epoll.EPOLLERR)
        .same("EPOLLHUP", Epoll.EPOLLHUP)
        .same("EPOLLRDHUP", Epoll.EPOLLRDHUP)
        .same("(int) EPOLLET", Epoll.EPOLLET)
        .same("EPOLL_CLOEXEC", Epoll.EPOLL_CLOEXEC)
        .same("EPOLL_CTL_ADD", Epoll.EPOLL_CTL_ADD)
        .same("EPOLL_CTL_DEL", Epoll.EPOLL_CTL_DEL)
        .same("EPOLL_CTL_MOD", Epoll.EPOLL_CTL_MOD)
        .verify();
  }
}
