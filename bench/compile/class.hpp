// The class that both libraries bind: 20 members.
#pragma once

#include <string>
#include <utility>
#include <vector>

class Account {
 public:
  Account(std::string owner, double balance) : owner_(std::move(owner)), balance_(balance) {}
  [[nodiscard]] const std::string& owner() const { return owner_; }
  void set_owner(std::string owner) { owner_ = std::move(owner); }
  [[nodiscard]] double balance() const { return balance_; }
  void deposit(double amount) { balance_ += amount; }
  bool withdraw(double amount) {
    if (amount > balance_ + limit) return false;
    balance_ -= amount;
    return true;
  }
  void transfer(Account& to, double amount) {
    if (withdraw(amount)) to.deposit(amount);
  }
  [[nodiscard]] bool is_empty() const { return balance_ == 0; }
  [[nodiscard]] int compare(const Account& other) const {
    return balance_ < other.balance_ ? -1 : balance_ > other.balance_ ? 1 : 0;
  }
  void note(const std::string& text) { notes_.push_back(text); }
  [[nodiscard]] std::vector<std::string> notes() const { return notes_; }
  [[nodiscard]] std::size_t note_count() const { return notes_.size(); }
  void clear_notes() { notes_.clear(); }
  [[nodiscard]] std::string describe(const std::string& prefix, int width) const {
    return prefix + owner_ + std::string(static_cast<std::size_t>(width), ' ');
  }
  void add_interest(double rate) { balance_ *= 1 + rate; }
  void set_flags(bool open, bool locked) {
    is_open = open;
    is_locked = locked;
  }
  static int bank() { return 42; }

  double limit = 0;
  int branch = 0;
  bool is_open = true;
  bool is_locked = false;

 private:
  std::string owner_;
  double balance_;
  std::vector<std::string> notes_;
};
